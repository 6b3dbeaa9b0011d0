"""What comes out of the engine: text, fonts, pages, and nothing that was not allowed in."""

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from weasyprint.urls import FatalURLFetchingError

from portal.papers import checks, libraries, subsetter
from portal.papers.render import PdfUnavailable, engine, render, render_html
from portal.papers.specimen import TEMPLATE, specimen, specimen_html
from tests.papers import pdf as look


def long_paper(paragraphs: int, end: str = "") -> str:
    """A paper of that many paragraphs of about two lines."""
    words = (
        "<p>各区县要高度重视，严格按照推荐条件组织推荐，确保参训学员符合培训对象要求，不得随意更换。</p>"
        * paragraphs
    )
    page = render_to_string("papers/base.html", {"paper": specimen(1)["paper"]})
    return page.replace("</body>", f"<div class='prose'>{words}</div>{end}</body>")


def test_the_specimen_is_one_a4_page_with_its_text() -> None:
    made = render(TEMPLATE, specimen(1))
    (text,) = look.texts(made)
    assert look.sizes(made) == {(210, 297)}
    for words in (
        "教师培训学员推荐表",
        "李思远",
        "第1页共1页",
        "打印日期：2020年11月1日",
        "0000-0000-0000-0001",
    ):
        assert words in text


@pytest.mark.parametrize(("number", "name"), [(4, "赵䶮"), (5, "孙𬱖")])
def test_rare_names_are_text_from_the_full_font(number: int, name: str) -> None:
    made = render(TEMPLATE, specimen(number))
    assert name in look.texts(made)[0]
    assert look.fonts(made) == {"Portal-Serif": True, "Portal-Sans": True, "Noto-Serif-SC": True}


def test_everyday_names_need_only_the_small_fonts() -> None:
    assert look.fonts(render(TEMPLATE, specimen(1))) == {"Portal-Serif": True, "Portal-Sans": True}


def test_pages_are_counted_in_each_paper_by_itself() -> None:
    files = list(engine().write_in_files([long_paper(40), specimen_html(1)]))
    assert [pages for _pdf, pages in files] == [[2, 1]]
    footers = [re.findall(r"第\d+页共\d+页", page) for page in look.texts(files[0][0])]
    assert footers == [["第1页共2页"], ["第2页共2页"], ["第1页共1页"]]


def test_a_file_is_closed_before_it_grows_too_long() -> None:
    htmls = [specimen_html(number) for number in range(3)]
    assert [pages for _pdf, pages in engine().write_in_files(htmls, 2)] == [[1, 1], [1]]
    assert [pages for _pdf, pages in engine().write_in_files([long_paper(40), htmls[0]], 1)] == [[2], [1]]


def test_a_signature_never_stands_alone_on_a_page() -> None:
    signature = "<div class='signature'><p class='stamp'>演示教委（公章）</p><p>2020年11月1日</p></div>"
    seen = set()
    for paragraphs in range(16, 26):
        pages = look.texts(render_html(long_paper(paragraphs, signature)))
        assert "公章" in pages[-1]
        assert "推荐条件" in pages[-1] or "随意更换" in pages[-1]
        seen.add(len(pages))
    assert seen == {1, 2}


def test_text_of_people_stays_text() -> None:
    context = specimen(1) | {
        "name": "<script>alert(1)</script>",
        "school": "<img src='http://evil.example/x'>",
    }
    text = look.texts(render(TEMPLATE, context))[0]
    assert "<script>alert(1)</script>" in text
    assert "evil.example" in text


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png",
        "https://example.org/x.png",
        "ftp://example.org/x.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "/static/../portal/settings.py",
        "/static/%2e%2e/portal/settings.py",
        "/static/portal/no-such-file.svg",
        "//example.org/static/x.png",
    ],
)
@pytest.mark.parametrize(
    "how", ["<img src='{}'>", "<link rel=stylesheet href='{}'>", "<p style='background:url({})'>"]
)
def test_nothing_is_loaded_from_outside(address: str, how: str) -> None:
    with pytest.raises(FatalURLFetchingError) as refused:
        render_html(f"<html><body>{how.format(address)}</body></html>")
    assert "Refused" in type(refused.value.__cause__).__name__


def test_an_svg_cannot_reach_outside_either(settings: Any, tmp_path: Path) -> None:
    drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9' width='90' height='90'>{}</svg>"
    (tmp_path / "inner.svg").write_text(drawing.format("<text y='9'>秘</text>"))
    settings.STATICFILES_DIRS = [tmp_path]
    addresses = ("http://paper.invalid/static/inner.svg", (tmp_path / "inner.svg").as_uri())
    outer = [drawing.format(f"<image width='9' height='9' href='{each}'/>") for each in addresses]
    allowed, refused = (render_html(f'<p>甲<img src="data:image/svg+xml,{each}"></p>') for each in outer)
    assert (look.texts(allowed), look.texts(refused)) == (["甲秘第1页共1页"], ["甲第1页共1页"])


def test_static_files_and_data_are_loaded(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "red.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><text y='9'>徽</text></svg>"
    )
    settings.STATICFILES_DIRS = [tmp_path]
    made = render_html("<p>甲<img src='/static/red.svg?v=1'><img src='data:image/svg+xml,&lt;svg/&gt;'></p>")
    assert "徽" in look.texts(made)[0]


def test_without_the_system_subsetter_the_wheel_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.pdf import fonts as written

    engine()
    assert written.harfbuzz_subset is None or not subsetter.use_where_needed()
    monkeypatch.setattr(written.Font, "subset", written.Font.subset)
    monkeypatch.setattr(written, "harfbuzz_subset", None)
    assert subsetter.use_where_needed()
    made = render(TEMPLATE, specimen(4))
    assert "赵䶮" in look.texts(made)[0]
    assert look.fonts(made) == {"Portal-Serif": True, "Portal-Sans": True, "Noto-Serif-SC": True}
    assert len(made) < 400_000


def test_a_machine_without_pango_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "REQUIRED", (("libno-such-thing.so.0", "libno-such-thing.dylib"),))
    libraries.missing.cache_clear()
    try:
        assert not libraries.pdf_available()
        (warning,) = checks.pdf_libraries(None)
        assert (warning.id, "libpango-1.0-0" in warning.hint or "brew" in warning.hint) == (
            "papers.W001",
            True,
        )
        with pytest.raises(PdfUnavailable, match=r"libno-such-thing\.so\.0"):
            render(TEMPLATE, specimen(1))
    finally:
        libraries.missing.cache_clear()


def test_a_machine_with_pango_is_not_warned() -> None:
    assert checks.pdf_libraries(None) == []


def test_the_remedy_fits_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries.sys, "platform", "darwin")
    assert libraries.remedy() == "brew install pango"
    monkeypatch.setattr(libraries.sys, "platform", "linux")
    assert libraries.remedy().endswith("libharfbuzz-subset0")


def test_a_specimen_can_be_printed_from_the_command_line(tmp_path: Path) -> None:
    call_command("print_specimen", str(tmp_path / "out.pdf"))
    assert "赵䶮" in look.texts((tmp_path / "out.pdf").read_bytes())[0]


def box_font() -> bytes:
    """A TrueType font of 400 glyphs, each a box; the first stands for missing ones."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 500), (500, 500), (500, 0)):
        pen.lineTo(corner)
    pen.closePath()
    names = [".notdef", *(f"g{number}" for number in range(1, 400))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x4E00 + number: name for number, name in enumerate(names)})
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader()
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()


@dataclass
class Font:
    """What WeasyPrint hands to its subsetter."""

    file_content: bytes = field(default_factory=box_font)
    missing: dict[int, int] = field(default_factory=dict)
    index: int = 0

    def drawn(self) -> list[int]:
        """The numbers of the glyphs that still have an outline."""
        made = TTFont(io.BytesIO(self.file_content))
        glyphs = [made["glyf"][name] for name in made.getGlyphOrder()]
        return [number for number, glyph in enumerate(glyphs) if glyph.numberOfContours]


def test_the_wheels_subsetter_keeps_what_is_used_under_its_number() -> None:
    font = Font()
    subsetter.subset(font, {10: "a", 300: "b"}, hinting=False)
    assert font.drawn() == [10, 300]


def test_it_keeps_the_box_for_missing_characters_where_there_are_any() -> None:
    font = Font(missing={0x9999: 401})
    subsetter.subset(font, {10: "a"}, hinting=True)
    assert font.drawn() == [0, 10]


def test_it_leaves_a_font_alone_of_which_nothing_is_known() -> None:
    font = Font()
    before = font.file_content
    subsetter.subset(font, {}, hinting=False)
    assert font.file_content == before
