"""The cards and the list on which plain codes are handed out: the only place they ever stand. Source: CQ20-3.3."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.codes import shown
from enrollment.models import Enrollment
from portal import clock
from portal.papers.files import write_book
from portal.papers.render import engine
from portal.sheets.export import export
from portal.sheets.identifiers import Code
from portal.sheets.kinds import Integer, Text
from portal.sheets.layout import Column, Sheet
from portal.ui import formats

CARDS, LIST = "cards.pdf", "codes.xlsx"
KEPT_SECONDS = 7 * 24 * 3600
TEMPLATE = "papers/registration_cards.html"

CODES = Sheet(
    "enrollment.codes",
    gettext_lazy("学员验证码"),
    [
        Column("number", gettext_lazy("序号"), Integer()),
        Column("school", gettext_lazy("工作单位"), Text(), width=30),
        Column("name", gettext_lazy("姓名"), Text()),
        Column("project", gettext_lazy("项目"), Text(), width=34),
        Column("training_class", gettext_lazy("班级"), Text(), width=30),
        Column("code", gettext_lazy("验证码"), Code(), width=24),
        Column("expires", gettext_lazy("有效期至"), Text(), width=20),
    ],
)


@dataclass(frozen=True)
class IssuedCode:
    """One trainee with the plain code just issued."""

    enrollment: Enrollment
    code: str
    expires_at: datetime


def new_folder() -> str:
    """Make a folder of unguessable name, for the portal alone, and return the name."""
    name = uuid4().hex
    (_root() / name).mkdir(parents=True, mode=0o700)
    return name


def path_of(folder: str, file: str) -> Path:
    """Where a file of `folder` lies; it may be gone after seven days."""
    return _root() / folder / file


def write_cards(file: IO[bytes], issued: Sequence[IssuedCode]) -> Iterator[int]:
    """Write the cards, each school's on pages of its own; yields how many people are done."""
    done, pdfs = 0, list[bytes]()
    for school, group in groupby(issued, key=lambda each: each.enrollment.school.name):
        cards = list(group)
        pdfs.extend(pdf for pdf, _pages in engine().write_in_files([cards_html(school, cards)]))
        done += len(cards)
        yield done
    write_book(file, pdfs)


def cards_html(school: str, issued: Sequence[IssuedCode]) -> str:
    """The page or pages of one school's cards, ten a page."""
    cards: list[dict[str, Any] | None] = [_card(each) for each in issued]
    if len(cards) % 2:
        cards.append(None)
    context = {
        "paper": {"title": _("学员报名验证码"), "printed_on": clock.today()},
        "school": school,
        "rows": [cards[start : start + 2] for start in range(0, len(cards), 2)],
    }
    return render_to_string(TEMPLATE, context)


def write_list(file: IO[bytes], issued: Sequence[IssuedCode]) -> None:
    """Write the list for whoever hands the codes out."""
    note = _("验证码只在本文件和报名卡中，系统只保存其摘要，不能查询；请妥善保管，发放后删除。")
    export(CODES, map(_line, range(1, len(issued) + 1), issued), subtitle=note, target=file)


def forget_old(now: float | None = None) -> int:
    """Remove folders older than seven days; return how many."""
    limit = (now or time.time()) - KEPT_SECONDS
    old = [each for each in _root().glob("*") if each.stat().st_mtime < limit]
    for each in old:
        shutil.rmtree(each)
    return len(old)


def address() -> str:
    """The public address at which trainees register."""
    return f"{settings.PUBLIC_URL}{reverse('enrollment:register')}"


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "codes"


def _card(each: IssuedCode) -> dict[str, Any]:
    return {
        "name": each.enrollment.teacher.name,
        "project": each.enrollment.project.name,
        "code": shown(each.code),
        "expires": each.expires_at,
        "url": f"{address()}?code={each.code}",
        "address": address(),
    }


def _line(number: int, each: IssuedCode) -> list[Any]:
    enrollment = each.enrollment
    return [
        number,
        enrollment.school.name,
        enrollment.teacher.name,
        str(enrollment.project),
        enrollment.training_class.name if enrollment.training_class else "",
        shown(each.code),
        formats.moment(each.expires_at),
    ]
