"""Publishing a class's results to those concerned, and correcting them. Source: CQ20-3.6, CQ20-5.4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.listing import excellent_text
from assessment.models import (
    ClassGrading,
    ClassResults,
    ExcellentCopy,
    Grade,
    GradeLevel,
    GradingState,
    Result,
)
from portal.accounts.models import Membership, User
from portal.accounts.roles import OFFICE, Role
from portal.errors import RuleBroken, WrongState
from portal.messages.outbox import Digest
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.codes import Stage
from portal.rulebook.facts import fact
from portal.rulebook.findings import Citation
from portal.rulebook.models import Rulebook
from programs.models import TrainingClass
from programs.services.deliverables import deliver

PHASE = "closing"
SCHOOLS = (Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN)
BUREAUS = (Role.BUREAU_CLERK, Role.BUREAU_APPROVER)
LIST = "excellent_list"
HOURS_PER_CREDIT = fact(
    "hours_per_credit", gettext_lazy("中职教师多少学时计1学分"), 0, hint=gettext_lazy("0为不计学分")
)


@operation(
    "assessment.publish_results",
    gettext_lazy("公布培训结果"),
    roles=[Role.BASE_ADMIN],
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-3.6", "CQ20-5.4"],
    system=True,
)
def publish_results(act: Act, training_class: TrainingClass) -> ClassResults:
    """Publish the final grades of a class with the hours they earn, and copy the list of excellent trainees.

    Trainee, school, bureau and office are told. Raises RuleBroken while the grading is not closed, WrongState when it
    has been published. A constant number of statements, whatever the class.
    """
    require_graded(training_class)
    if ClassResults.objects.filter(training_class=training_class).exists():
        raise WrongState(
            _("“%(name)s”的结果已公布。个别学员有误的，请联系项目办更正；成绩重开并审定后，请“重新公布”。")
            % {"name": training_class}
        )
    made = ClassResults.objects.create(
        training_class=training_class, published_at=act.now, by_name=act.actor.name
    )
    rows = Result.objects.bulk_create(drawn_results(made, training_class))
    count(made)
    act.changed(training_class, after={"trainees": made.trainees, "passed": made.passed})
    act.list_rows({"enrollment": each.enrollment_id, "hours": each.hours} for each in rows)
    _tell(act, made)
    copy_list(act, made)
    return made


def require_graded(training_class: TrainingClass) -> ClassGrading:
    """The class's grading, held until the transaction ends. Raises RuleBroken while it is not closed."""
    grading = ClassGrading.objects.select_for_update().filter(training_class=training_class).first()
    if grading is None or grading.state != GradingState.CLOSED:
        raise RuleBroken(
            _("“%(name)s”的成绩尚未审定，不能公布结果。请先提交并审定成绩。") % {"name": training_class},
            code="not_graded",
            citation=_citation(training_class.rulebook),
        )
    return grading


def excellent_levels(rulebook: Rulebook) -> list[int]:
    """The levels that are an honour: passing ones of which only a share of a class may have. One query."""
    rows = rulebook.grade_levels.filter(passing=True, cap__isnull=False)
    return list(rows.values_list("pk", flat=True))


def hours_of(training_class: TrainingClass, level: GradeLevel) -> int:
    """The project's hours for whoever passed, none for whoever failed (domain facts §2.8)."""
    return training_class.project.hours if level.passing else 0


def credits_of(rulebook: Rulebook, stage: str, hours: int) -> int | None:
    """Credits of a secondary vocational teacher at the notice's rate; None where none are kept. Source: CQ20-5.4."""
    rate = HOURS_PER_CREDIT.of(rulebook)
    return hours // rate if rate and stage == Stage.SECONDARY_VOCATIONAL else None


def count(made: ClassResults) -> None:
    """Make the counts of the class those of its results."""
    rows = list(made.rows.values_list("passed", "excellent"))
    made.trainees = len(rows)
    made.passed = sum(passed for passed, _excellent in rows)
    made.excellent = sum(excellent for _passed, excellent in rows)
    made.save(update_fields=["trainees", "passed", "excellent"])


def copy_list(act: Act, made: ClassResults) -> None:
    """Send the list of excellent trainees to the office, their units and their education departments. CQ20-3.6."""
    people = list(_excellent(made))
    where = {each.enrollment.school_id for each in people} | bureaus_of(
        each.enrollment.school for each in people
    )
    office = made.training_class.project.program.office
    ExcellentCopy.objects.bulk_create(
        (
            ExcellentCopy(results=made, organization_id=key, sent_at=act.now)
            for key in sorted({*where, office.pk})
        ),
        ignore_conflicts=True,
    )
    title = _("“%(name)s”优秀学员名单") % {"name": made.training_class}
    url = reverse("assessment:excellent_list", args=[made.training_class_id])
    digest = Digest("assessment.excellent", _("{count}个班级的优秀学员名单"), reverse("assessment:results"))
    act.tell(staff([*where, office.pk], *OFFICE, *SCHOOLS, *BUREAUS), title, url=url, digest=digest)
    deliver(act, made.training_class, LIST, title=title, text=excellent_text(made, people))


def bureaus_of(schools: Iterable[Organization]) -> set[int]:
    """The keys of the education departments above `schools`; a college answers to the authority itself."""
    return {school.parent_id for school in schools if school.kind == Kind.SCHOOL and school.parent_id}


def staff(organizations: Iterable[int], *roles: Role) -> QuerySet[User]:
    """Who now holds one of `roles` in one of the organisations."""
    held = Membership.objects.current().filter(role__in=roles, organization__in=[*organizations])
    found: QuerySet[User] = User.objects.filter(is_active=True, pk__in=held.values("user_id"))
    return found


def drawn_results(made: ClassResults, training_class: TrainingClass) -> Iterable[Result]:
    """The class's final grades as results, not yet stored."""
    best = excellent_levels(training_class.rulebook)
    grades = Grade.objects.final().filter(grading__training_class=training_class)
    for each in grades.select_related("level", "enrollment__teacher").order_by("pk"):
        if each.level is None:
            continue
        hours = hours_of(training_class, each.level)
        yield Result(
            results=made,
            enrollment=each.enrollment,
            level=each.level,
            passed=each.level.passing,
            excellent=each.level_id in best,
            hours=hours,
            credits=credits_of(training_class.rulebook, each.enrollment.teacher.stage, hours),
            score=each.score,
            attendance_rate=each.attendance_rate,
            comment=each.comment,
        )


def _excellent(made: ClassResults) -> QuerySet[Result]:
    rows = made.rows.filter(excellent=True).select_related(
        "enrollment__teacher", "enrollment__school", "level"
    )
    return rows.order_by("-score", "enrollment__teacher__sort_key", "pk")


def _tell(act: Act, made: ClassResults) -> None:
    """A message to each trainee with the own page, one to each school's, bureau's and the office's people."""
    rows = made.rows.select_related("enrollment__teacher__user", "enrollment__school")
    title = _("“%(name)s”培训结果已公布") % {"name": made.training_class}
    for row in rows:
        if row.enrollment.teacher.user is not None:
            url = reverse("assessment:result", args=[row.pk])
            act.tell([row.enrollment.teacher.user], _("您的培训结果已公布"), body=title, url=url)
    schools = [row.enrollment.school for row in rows]
    office = made.training_class.project.program.office_id
    where: Sequence[int] = [*{each.pk for each in schools}, *bureaus_of(schools), office]
    url = reverse("assessment:results")
    digest = Digest("assessment.results", _("{count}个班级的培训结果已公布"), url)
    of_class = f"{url}?training_class={made.training_class_id}"
    act.tell(staff(where, *SCHOOLS, *BUREAUS, *OFFICE), title, url=of_class, digest=digest)


def _citation(rulebook: Rulebook) -> Citation | None:
    level = rulebook.grade_levels.exclude(clause=None).select_related("clause__notice").first()
    return level.clause.citation if level and level.clause else None
