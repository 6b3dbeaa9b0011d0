"""Files that are not what they seem: refused in words that say what to do, the process alive."""

import io
import os
import struct
import zipfile

import msoffcrypto.format.ooxml
import pytest
from openpyxl import Workbook

from portal.errors import FileRefused
from portal.sheets import child
from portal.sheets.reading import read
from portal.sheets.sandbox.read import answer
from tests.sheets.samples import GOOD, HEADER, TEACHERS, rezipped, saved, with_sheet_xml, workbook, xlsx

SHEET = "xl/worksheets/sheet1.xml"


def refusal(data: bytes, *, max_rows: int = 20_000) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read(io.BytesIO(data), TEACHERS, max_rows=max_rows)
    return caught.value


def ole_file() -> bytes:
    """A minimal compound file with an empty directory, as old office formats are."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 40, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBB", 22, 5, 1)
    root += (
        struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
        + bytes(36)
        + struct.pack("<IQ", 0xFFFFFFFE, 0)
    )
    return bytes(header) + fat + root.ljust(512, b"\0")


def encrypted() -> bytes:
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(xlsx(HEADER, GOOD))).encrypt("secret", out)
    return out.getvalue()


def test_password_protected_says_to_remove_the_password() -> None:
    error = refusal(encrypted())
    assert error.code == "file_password"
    assert "密码保护" in str(error)


def test_old_xls_and_et_say_to_save_as_xlsx() -> None:
    error = refusal(ole_file())
    assert error.code == "file_old_format"
    assert "另存为" in str(error)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        ("姓名,身份证号\n张三,1".encode("gbk"), "file_csv"),
        (b"\xef\xbb\xbfname,id\n", "file_csv"),
        (b"%PDF-1.7 ...", "file_not_a_sheet"),
        (b"\xff\xd8\xff\xe0 JFIF", "file_not_a_sheet"),
        (b"<html><table></table></html>", "file_other_kind"),
        (b"\x00\x01\x02", "file_damaged"),
        (b"PK\x03\x04" + os.urandom(300), "file_damaged"),
        (xlsx(HEADER, GOOD)[:2000], "file_damaged"),
    ],
    ids=["empty", "gbk-csv", "utf8-csv", "pdf", "jpeg", "html", "binary", "noise", "truncated"],
)
def test_another_kind_behind_the_extension_is_named(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_larger_than_the_limit_is_refused_before_it_is_opened(settings: object) -> None:
    settings.SHEET_MAX_BYTES = 1000  # type: ignore[attr-defined]
    error = refusal(xlsx(HEADER, GOOD))
    assert error.code == "file_too_big"


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped(word__document_dot_xml=b"<x/>"), "file_other_kind"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "file_other_kind"),
        (zipped(**{"anything_dot_txt": b"x"}), "file_other_kind"),
        (rezipped(xlsx(HEADER), {"xl/vbaProject.bin": b"x"}), "file_macros"),
        (rezipped(xlsx(HEADER), {f"xl/media/{n}.png": b"x" for n in range(200)}), "file_too_many_parts"),
        (rezipped(xlsx(HEADER), remove=[SHEET]), "file_damaged"),
        (rezipped(xlsx(HEADER), {SHEET: b"<worksheet><sheetData><row>"}), "file_damaged"),
        (rezipped(xlsx(HEADER), {"xl/workbook.xml": b"<workbook"}), "file_damaged"),
    ],
    ids=["docx", "ods", "zip", "macros", "200-parts", "no-sheet", "bad-sheet", "bad-workbook"],
)
def test_a_zip_that_is_no_plain_workbook_is_refused(data: bytes, code: str) -> None:
    assert refusal(data).code == code
    assert answer(data, 20_000)["refused"] == code.removeprefix("file_")


def test_an_encrypted_zip_is_refused_as_password_protected() -> None:
    data = bytearray(xlsx(HEADER, GOOD))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    assert refusal(bytes(data)).code == "file_password"
    assert answer(bytes(data), 20_000)["refused"] == "password"
    assert answer(b"PK\x03\x04 nothing more", 20_000)["refused"] == "damaged"


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    bomb = rezipped(xlsx(HEADER, GOOD), {SHEET: b"<worksheet>" + b" " * 5_000_000})
    assert refusal(bomb).code == "file_bomb"
    assert answer(bomb, 20_000)["refused"] == "bomb"
    total = rezipped(xlsx(HEADER, GOOD), {f"xl/media/{n}.bin": os.urandom(700_000) * 6 for n in range(26)})
    assert len(total) < 120_000_000
    assert answer(total, 20_000)["refused"] == "bomb"


def test_entities_are_refused_before_any_parser_sees_them() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'
    data = rezipped(xlsx(HEADER, GOOD), {"xl/sharedStrings.xml": laughs})
    assert refusal(data).code == "file_damaged"
    assert answer(data, 20_000)["refused"] == "damaged"


def far_cell(place: str, column: int, row: int) -> bytes:
    book = workbook([HEADER, GOOD])
    book.active.cell(row, column, "x")
    return saved(book)


def test_one_cell_in_the_last_corner_is_named_and_refused() -> None:
    error = refusal(far_cell("XFD1048576", 16384, 1048576))
    assert error.code == "file_far_column"
    assert "XFD1048576" in str(error)


def test_one_cell_in_the_last_row_is_named_and_refused() -> None:
    error = refusal(far_cell("B1048576", 2, 1048576))
    assert error.code == "file_far_row"
    assert "B1048576" in str(error)


def test_formatted_but_empty_cells_far_out_do_no_harm() -> None:
    data = with_sheet_xml(
        xlsx(HEADER, GOOD), "</sheetData>", '<row r="1048576"><c r="A1048576" s="0"/></row></sheetData>'
    )
    assert len(read(data, TEACHERS).rows) == 1


def test_a_reader_that_dies_is_a_refused_file_and_nothing_more() -> None:
    """Columns without references escape the scan; the child then runs out of memory."""
    cells = "<c><v>1</v></c>" * 16_000
    data = with_sheet_xml(xlsx(HEADER, GOOD), "</sheetData>", f'<row r="20000">{cells}</row></sheetData>')
    assert refusal(data).code == "file_too_heavy"
    assert len(read(xlsx(HEADER, GOOD), TEACHERS).rows) == 1


def test_a_reader_that_hangs_is_killed() -> None:
    with pytest.raises(FileRefused) as caught:
        child.run("read", xlsx(HEADER, GOOD), "10", seconds=0.0001)
    assert caught.value.code == "file_too_heavy"


def test_too_many_rows_are_refused_with_the_limit() -> None:
    rows = [[f"演示{n}", f"50010319900101{n:04}", "13800000001"] for n in range(31)]
    error = refusal(xlsx(HEADER, *rows), max_rows=30)
    assert error.code == "file_too_many_rows"
    assert "30" in str(error)
    assert len(read(xlsx(HEADER, *rows[:30]), TEACHERS, max_rows=30).rows) == 30


def test_a_workbook_without_a_visible_sheet_or_header_is_refused() -> None:
    assert refusal(saved(Workbook())).code == "file_no_header"
    assert refusal(xlsx(["甲", "乙"], ["1", "2"])).code == "file_no_header"
