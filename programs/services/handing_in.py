"""What a base hands in for a class: counted, on time or late, accepted or returned. CQ20-3.6, 5.1, 5.3, 5.4."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, WrongState
from portal.files import keep_files
from portal.messages.outbox import Digest
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from programs import hooks
from programs.models import (
    Deliverable,
    Submission,
    SubmissionFile,
    SubmissionState,
    TrainingClass,
)
from programs.scopes import runs_class
from programs.services.owing import owe
from programs.services.people import base_people, office_people
from programs.states import SUBMISSION

Files = Iterable["UploadedFile[bytes]"]
HANDERS = (Role.BASE_ADMIN, Role.CLASS_TEACHER)
CLAUSES = ["CQ20-5.3", "CQ20-5.4", "CQ20-3.6"]


def deliver(
    act: Act, training_class: TrainingClass, code: str, *, title: str, text: str = "", files: Files = ()
) -> Submission:
    """Record that the base handed in requirement `code` for a class; on time or late says the clock.

    Of what is owed once, a second one takes the first one's place until that is accepted. For use inside an operation.
    Raises Invalid when the notice asks for no such thing, WrongState when it was accepted already.
    """
    owed = _locked(training_class, code)
    standing = owed.submissions.order_by("pk").last() if owed.requirement.minimum == 1 else None
    if standing is not None:
        return _again(act, owed, standing, title=title, text=text, files=files)
    made = Submission.objects.create(
        deliverable=owed,
        title=title[:120],
        text=text,
        late=act.today > owed.due_on,
        submitted_at=act.now,
        submitted_by=act.actor.name,
    )
    keep_files(act, SubmissionFile, files, submission=made)
    recount(act, owed)
    return made


@operation(
    "programs.hand_in",
    gettext_lazy("报送应交材料"),
    roles=HANDERS,
    scope=runs_class(),
    clauses=CLAUSES,
    system=True,
)
def hand_in(
    act: Act, training_class: TrainingClass, *, code: str, title: str, text: str = "", files: Files = ()
) -> Submission:
    """Hand in one copy. Raises Invalid for an empty one, or for what is handed in on a page of its own."""
    if code in hooks.delivered_at:
        raise Invalid(_("此材料在专门的页面办理，请从应交材料清单进入。"), field="code")
    files = list(files)
    _check(title, text, files)
    made = deliver(act, training_class, code, title=title, text=text, files=files)
    act.changed(made, after={"title": title, "class": str(training_class), "late": made.late})
    _tell_office(act, made)
    return made


@operation(
    "programs.hand_in_again",
    gettext_lazy("重新报送材料"),
    roles=HANDERS,
    scope=runs_class("deliverable.training_class"),
    clauses=CLAUSES,
    system=True,
)
def hand_in_again(
    act: Act, submission: Submission, *, title: str, text: str = "", files: Files = ()
) -> Submission:
    """Hand in a corrected copy of what was returned, or of what nobody has looked at yet."""
    files = list(files)
    _check(title, text, [*files, *submission.files.all()])
    if submission.deliverable.requirement.code in hooks.delivered_at:
        raise Invalid(_("此材料在专门的页面办理，请从应交材料清单进入。"), field="code")
    owed = _locked(submission.deliverable.training_class, submission.deliverable.requirement.code)
    before = submission.state
    done = _again(act, owed, submission, title=title, text=text, files=files)
    act.changed(done, before={"state": before}, after={"state": done.state, "title": title})
    _tell_office(act, done)
    return done


@operation(
    "programs.accept_submission",
    gettext_lazy("接收应交材料"),
    roles=OFFICE,
    scope=within("office"),
    clauses=CLAUSES,
    system=True,
)
def accept(act: Act, submission: Submission, *, opinion: str = "") -> Submission:
    """The office takes what was handed in."""
    decide(act, submission, "accept", opinion)
    act.changed(submission, before={"state": SubmissionState.SUBMITTED}, after={"state": submission.state})
    return submission


@operation(
    "programs.return_submission",
    gettext_lazy("退回应交材料"),
    roles=OFFICE,
    scope=within("office"),
    clauses=CLAUSES,
    system=True,
)
def send_back(act: Act, submission: Submission, *, opinion: str) -> Submission:
    """The office returns it with the reason; the base corrects it and hands it in again."""
    if not opinion.strip():
        raise Invalid(_("请写明退回理由，以便基地据此修改。"), field="opinion")
    decide(act, submission, "return", opinion)
    act.reason = opinion
    act.changed(submission, before={"state": SubmissionState.SUBMITTED}, after={"state": submission.state})
    act.tell(
        base_people(submission.base),
        _("“%(title)s”被退回，请修改后重新报送") % {"title": submission.title},
        body=opinion,
        url=reverse("programs:owed", args=[submission.deliverable_id]),
        urgent=True,
    )
    return submission


def decide(act: Act, submission: Submission, action: str, opinion: str) -> None:
    """Accept or return one submission and count again. For use inside an operation."""
    # The deliverable first: in the order in which handing in locks them.
    owed = Deliverable.objects.select_for_update(of=["self"]).get(pk=submission.deliverable_id)
    SUBMISSION.apply(
        submission, action, decided_at=act.now, decided_by=act.actor.name, opinion=opinion.strip()
    )
    recount(act, owed)


def recount(act: Act, owed: Deliverable) -> None:
    """Make the counts of a locked deliverable those of its submissions; the first time all are in is kept."""
    stands = Q(state__in=[SubmissionState.SUBMITTED, SubmissionState.ACCEPTED])
    counts = owed.submissions.aggregate(
        handed_in=Count("pk", filter=stands),
        accepted=Count("pk", filter=Q(state=SubmissionState.ACCEPTED)),
        returned=Count("pk", filter=Q(state=SubmissionState.RETURNED)),
    )
    if counts["handed_in"] >= owed.requirement.minimum and owed.completed_at is None:
        counts |= {"completed_at": act.now, "late": act.today > owed.due_on}
    Deliverable.objects.filter(pk=owed.pk).update(**counts)
    for name, value in counts.items():
        setattr(owed, name, value)


def _locked(training_class: TrainingClass, code: str) -> Deliverable:
    owe([training_class])
    rows = Deliverable.objects.select_for_update(of=["self"]).select_related("requirement")
    found = rows.filter(training_class=training_class, requirement__code=code).first()
    if found is None:
        raise Invalid(
            _("本计划没有要求“%(class)s”报送此项材料，或班级尚未发布。") % {"class": training_class},
            field="code",
        )
    return found


def _again(
    act: Act, owed: Deliverable, standing: Submission, *, title: str, text: str, files: Files
) -> Submission:
    if standing.state == SubmissionState.ACCEPTED:
        raise WrongState(
            _("“%(title)s”已由项目办接收，不能再改。如需更正，请联系项目办。") % {"title": standing.title}
        )
    kept = keep_files(act, SubmissionFile, files, submission=standing)
    if kept:
        standing.files.exclude(pk__in=[each.pk for each in kept]).delete()
    SUBMISSION.apply(standing, "hand_in", title=title[:120], text=text, opinion="")
    recount(act, owed)
    return standing


def _check(title: str, text: str, files: Iterable[object]) -> None:
    if not title.strip():
        raise Invalid(_("请填写标题。"), field="title")
    if not text.strip() and not list(files):
        raise Invalid(_("请填写内容或上传附件，两者至少有一项。"), field="text")


def _tell_office(act: Act, made: Submission) -> None:
    """One unread message, however much comes in: the work queue has it all."""
    url = f"{reverse('programs:owed_list')}?status=submitted"
    title = _("应交材料待审核：%(title)s") % {"title": made.title}
    digest = Digest("programs.handed_in", _("{count}份应交材料新报送，待审核"), url)
    act.tell(office_people(made.office), title, url=url, digest=digest)
