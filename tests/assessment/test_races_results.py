"""Two classes of a base get their certificates at one moment: no number twice; beside it a control without the lock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from assessment.models import Certificate, CertificateBook, ClassResults
from assessment.services import certificates
from assessment.services.certificates import issue_certificates
from assessment.services.results import publish_results
from portal.organizations.models import Organization
from programs.models import Program
from tests.assessment.finished import Finished, fresh, graded_class, make_finished
from tests.programs.world import moment, set_clock
from tests.races import at_once, meet_after

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> tuple[Finished, list[ClassResults]]:
    """Two classes with published results, three passed trainees each."""
    set_clock(monkeypatch, moment(10, 24))
    made = make_finished(("pass",) * 3)
    other = graded_class(made.world, made.school, ("pass",) * 3, code="P2", name="二班")
    set_clock(monkeypatch, moment(11, 20))
    return made, [made.published(), fresh(publish_results(made.base, other))]


def issuing(finished: Finished, results: ClassResults) -> Callable[[], object]:
    actor, found = finished.base, fresh(results)
    return lambda: issue_certificates(actor, found)


def test_no_number_is_given_twice_and_none_is_left_out(two: tuple[Finished, list[ClassResults]]) -> None:
    finished, both = two
    outcome = at_once(*(issuing(finished, each) for each in both))
    assert not [each for each in outcome if isinstance(each, Exception)]
    assert sorted(Certificate.objects.values_list("serial", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert CertificateBook.objects.get().last == 6


def test_control_without_the_lock_both_begin_with_the_same_number_and_the_constraint_refuses_one(
    two: tuple[Finished, list[ClassResults]], monkeypatch: pytest.MonkeyPatch
) -> None:
    finished, both = two
    CertificateBook.objects.create(program=finished.world.program, base=finished.world.base, code=1)

    def unlocked(program: Program, base: Organization) -> CertificateBook:
        return CertificateBook.objects.get(program=program, base=base)

    monkeypatch.setattr(certificates, "lock_book", unlocked)
    meet_after(monkeypatch, certificates, "lock_book")
    outcome = at_once(*(issuing(finished, each) for each in both))
    assert [type(each) for each in outcome].count(IntegrityError) == 1
    assert Certificate.objects.count() == 3
