"""One valid paper a subject; unchanged it stays the same, changed it is replaced, and it can be made void."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from portal.papers import kinds
from portal.papers.kinds import Facts, masked
from portal.papers.models import IssuedPaper, PaperBatch, PaperState
from portal.papers.services import assembling, issuing, printing
from portal.papers.services.starting import print_one, print_papers
from portal.papers.states import PAPERS
from tests.factories import BureauFactory, SchoolFactory, make_actor
from tests.papers.conftest import CODE
from tests.races import at_once, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_kind")]


@pytest.fixture
def school() -> Organization:
    return SchoolFactory(contact_name="王小明", address="演示路1号")


@pytest.fixture
def admin(school: Organization) -> Actor:
    return make_actor(Role.SCHOOL_ADMIN, school)


def states(school: Organization) -> list[str]:
    return list(
        IssuedPaper.objects.filter(subject_id=school.pk).order_by("pk").values_list("state", flat=True)
    )


def change(school: Organization, address: str) -> None:
    Organization.objects.filter(pk=school.pk).update(address=address)


def issued(admin: Actor, school: Organization) -> IssuedPaper:
    print_one(admin, CODE, school.pk)
    return IssuedPaper.objects.filter(subject_id=school.pk).latest("pk")


def test_an_unchanged_paper_printed_again_is_the_same_paper(admin: Actor, school: Organization) -> None:
    first = issued(admin, school)
    assert issued(admin, school) == first
    assert states(school) == ["valid"]


def test_a_changed_paper_replaces_the_former(admin: Actor, school: Organization) -> None:
    first = issued(admin, school)
    change(school, "演示路2号")
    second = issued(admin, school)
    assert second.code != first.code
    assert states(school) == ["superseded", "valid"]
    first.refresh_from_db()
    assert first.ended_at is not None


def test_what_was_true_before_becomes_a_new_paper_again(admin: Actor, school: Organization) -> None:
    issued(admin, school)
    change(school, "演示路2号")
    issued(admin, school)
    change(school, "演示路1号")
    issued(admin, school)
    assert states(school) == ["superseded", "superseded", "valid"]


def test_the_facts_are_masked_and_complete(admin: Actor, school: Organization) -> None:
    paper = issued(admin, school)
    assert (paper.title, paper.number, paper.organization, paper.owner) == (
        "演示推荐表",
        f"N-{school.pk}",
        school,
        admin.user,
    )
    assert paper.facts == {"holder": "王**", "issuer": school.name, "lines": [["参训项目", "演示项目"]]}


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("欧阳文静", "欧***"), ("李", "李"), ("", "")])
def test_names_are_masked(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_a_void_paper_says_so_and_is_not_printed_again(admin: Actor, school: Organization) -> None:
    paper = issued(admin, school)
    issuing.revoke(admin, paper, reason="  信息有误 ")
    assert (paper.state, paper.reason) == (PaperState.REVOKED, "信息有误")
    assert AuditEntry.objects.get(operation="papers.revoke").after == {"state": "revoked"}
    assert issued(admin, school).code != paper.code
    assert states(school) == ["revoked", "valid"]


def test_making_void_needs_a_reason(admin: Actor, school: Organization) -> None:
    with pytest.raises(Invalid) as refused:
        issuing.revoke(admin, issued(admin, school), reason=" ")
    assert refused.value.field == "reason"


def test_only_the_issuing_organisation_and_those_above_make_void(admin: Actor, school: Organization) -> None:
    paper = issued(admin, school)
    with pytest.raises(NotAllowed):
        issuing.revoke(make_actor(Role.SCHOOL_ADMIN), paper, reason="x")
    with pytest.raises(NotAllowed):
        issuing.revoke(make_actor(Role.TRAINEE, school), paper, reason="x")
    bureau = school.parent
    assert bureau is not None
    issuing.revoke(make_actor(Role.BUREAU_APPROVER, bureau), paper, reason="x")
    assert states(school) == ["revoked"]


def test_a_paper_made_void_meanwhile_is_a_conflict(admin: Actor, school: Organization) -> None:
    paper = issued(admin, school)
    IssuedPaper.objects.update(state=PaperState.REVOKED)
    with pytest.raises(Conflict):
        issuing.revoke(admin, paper, reason="x")


@pytest.mark.parametrize("state", PaperState)
@pytest.mark.parametrize(
    ("action", "sources"), [("issue", {"pending"}), ("supersede", {"valid"}), ("revoke", {"valid"})]
)
def test_every_cell_of_the_state_table(
    admin: Actor, school: Organization, state: str, action: str, sources: set[str]
) -> None:
    paper = issued(admin, school)
    IssuedPaper.objects.update(state=state)
    paper.refresh_from_db()
    if state in sources:
        assert PAPERS.apply(paper, action).state in {"valid", "superseded", "revoked"}
    else:
        with pytest.raises(WrongState):
            PAPERS.apply(paper, action)


def test_another_operation_ends_the_papers_of_its_subjects(admin: Actor, school: Organization) -> None:
    issued(admin, school)
    assert issuing.revoke_for(CODE, [school.pk], reason="学员已退出") == 1
    assert issuing.revoke_for(CODE, [school.pk], reason="学员已退出") == 0
    assert IssuedPaper.objects.get().reason == "学员已退出"


def test_the_database_holds_one_valid_paper_a_subject(admin: Actor, school: Organization) -> None:
    paper = issued(admin, school)
    paper.pk, paper.code, paper.content_digest = None, "0" * 16, "other"
    with pytest.raises(IntegrityError, match="paper_valid_once_a_subject"), transaction.atomic():
        paper.save(force_insert=True)


def test_a_paper_replaced_while_it_was_printed_stays_replaced(admin: Actor, school: Organization) -> None:
    """Two runs, the older data settled last: what was issued by the other run before is not made valid again."""
    first = issued(admin, school)
    batch = print_papers(admin, None, kind=CODE, subjects=[school.pk], at_once=True)
    change(school, "演示路2号")
    issued(admin, school)
    issuing.issue([first])
    assert states(school) == ["superseded", "valid"]
    assert printing.render_chunk(batch.pk, 0)
    assert states(school) == ["superseded", "valid"]


def test_a_paper_ended_between_two_reads_is_made_anew(
    admin: Actor, school: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our insert is stopped by an equal paper of another worker, which is void before we read it."""
    create = IssuedPaper.objects.bulk_create
    kind = kinds.find_kind(CODE)
    batch = print_papers(admin, None, kind=CODE, subjects=[school.pk], at_once=True)
    calls = []

    def overtaken(rows: Sequence[IssuedPaper], **options: bool) -> Sequence[IssuedPaper]:
        calls.append(len(rows))
        return create(rows, **options) if len(calls) > 1 else rows

    monkeypatch.setattr(IssuedPaper.objects, "bulk_create", overtaken)
    (paper,) = issuing.assign(kind, batch, issuing.draft(kind, [school]))
    assert (calls, paper.state) == ([1, 1], "pending")


def draft(**context: object) -> issuing.Draft:
    return issuing.Draft(1, context, Facts(title="表"))


def test_the_digest_follows_what_is_said() -> None:
    same = draft(day=date(2020, 1, 1), money=Decimal("1.00"), name="甲")
    assert same.digest == draft(name="甲", money=Decimal("1.00"), day=date(2020, 1, 1)).digest
    assert same.digest != draft(name="乙", money=Decimal("1.00"), day=date(2020, 1, 1)).digest
    assert draft().digest != issuing.Draft(1, {}, Facts(title="证")).digest
    assert draft().digest != issuing.Draft(1, {}, Facts(title="表", number="1")).digest


def test_a_context_of_models_is_a_mistake(school: Organization) -> None:
    with pytest.raises(TypeError):
        _ = draft(school=school).digest


def test_a_kind_is_registered_once(form_kind: kinds.PaperKind[Organization]) -> None:
    assert kinds.has_kind(CODE)
    with pytest.raises(ValueError, match="registered twice"):
        kinds.register_kind(form_kind)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_runs_of_the_same_people_at_once_leave_one_valid_paper_each() -> None:
    """They say different things, for the record changed between them; the database would refuse two valid ones."""
    bureau = BureauFactory()
    schools = [SchoolFactory(parent=bureau, contact_name=f"甲{n}") for n in range(3)]
    clerk = make_actor(Role.BUREAU_CLERK, bureau)
    keys = [each.pk for each in schools]
    batches = [print_papers(clerk, None, kind=CODE, subjects=keys, at_once=True) for _ in range(2)]

    def work(batch: PaperBatch) -> None:
        change_all(keys, f"演示路{batch.pk}号")
        printing.render_chunk(batch.pk, 0)
        assembling.assemble(batch.pk)

    assert refused(at_once(*(partial(work, each) for each in batches))) == []
    assert IssuedPaper.objects.filter(state=PaperState.VALID).count() == 3
    assert PaperBatch.objects.exclude(finished_at=None).count() == 2


def change_all(keys: list[int], address: str) -> None:
    Organization.objects.filter(pk__in=keys).update(address=address)
