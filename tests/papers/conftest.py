"""A kind of paper over organisations, which every test of printing uses, and a folder of its own for the files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from portal.accounts.roles import STAFF
from portal.organizations.models import Organization
from portal.papers import kinds
from portal.papers.specimen import TEMPLATE, specimen

CODE = "tests.form"


def contexts(subjects: Sequence[Organization]) -> list[dict[str, Any]]:
    """The specimen's words, with the organisation's contact as the person and its address as the career."""
    plain = [specimen(subject.pk) for subject in subjects]
    for each, subject in zip(plain, subjects, strict=True):
        del each["paper"]
        each |= {
            "name": subject.contact_name,
            "school": subject.name,
            "career": subject.address,
            "opinion": "",
        }
    return plain


def facts(subject: Organization) -> kinds.Facts:
    return kinds.Facts(
        title="演示推荐表",
        number=f"N-{subject.pk}",
        holder=subject.contact_name,
        issuer=subject.name,
        lines=[("参训项目", "演示项目")],
    )


def register() -> kinds.PaperKind[Organization]:
    """Register a kind that any member of staff may print for the organisations they see."""
    return kinds.register_kind(
        kinds.PaperKind(
            code=CODE,
            label="演示推荐表",
            template=TEMPLATE,
            roles=STAFF,
            rows=Organization.objects.all,
            context=contexts,
            facts=facts,
        )
    )


@pytest.fixture
def form_kind(monkeypatch: pytest.MonkeyPatch) -> kinds.PaperKind[Organization]:
    """The kind of `register`, and no other."""
    monkeypatch.setattr(kinds, "_kinds", {})
    return register()


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    settings.PUBLIC_URL = "https://train.example.cn"
    yield
    cache.clear()
