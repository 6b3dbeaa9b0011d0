"""What a cancelled class leaves behind: its people keep their seats and wait for another class. Source: CQ20-3.1."""

from __future__ import annotations

from collections import Counter, defaultdict

from django.urls import reverse
from django.utils.translation import gettext as _

from enrollment.models import LIVE, STANDING, ClassCode, Enrollment, EnrollmentState, Nomination
from enrollment.services.nominations import NOMINATORS
from portal.accounts.models import Membership, User
from portal.operations.act import Act
from programs.hooks import class_cancelled, class_locks
from programs.models import TrainingClass

# Whose place in the class is kept: the trainees, and those for whom a substitute is on the way.
_PLACED = (*STANDING, EnrollmentState.REPLACED)


@class_locks
def lock_people(training_class: TrainingClass) -> None:
    """Wait for whoever is placing, replacing or approving somebody of this class."""
    for model in (Enrollment, Nomination):
        rows = model._default_manager.filter(training_class=training_class).order_by("pk")
        list(rows.select_for_update(of=["self"]).values_list("pk"))


@class_cancelled
def release_people(act: Act, training_class: TrainingClass) -> None:
    """Take everybody out of the class, end its code, and tell them and those who sent them. Seven queries."""
    placed = Enrollment.objects.filter(training_class=training_class, state__in=_PLACED)
    rows = list(placed.select_related("teacher__user").order_by("pk"))
    placed.update(training_class=None, during=None)
    Nomination.objects.filter(training_class=training_class, state__in=LIVE).update(training_class=None)
    ClassCode.objects.filter(training_class=training_class, revoked_at=None).update(revoked_at=act.now)
    act.list_rows({"enrollment": each.pk, "name": each.teacher.name} for each in rows)
    trainees = [each for each in rows if each.state in STANDING]
    _tell_trainees(act, training_class, trainees)
    _tell_senders(act, training_class, trainees)


def _tell_trainees(act: Act, training_class: TrainingClass, trainees: list[Enrollment]) -> None:
    people = [each.teacher.user for each in trainees if each.teacher.user]
    title = _("%(name)s已取消，您的名额保留，请等待培训基地另行编班") % {"name": training_class}
    act.tell(people, title, body=act.reason, url=reverse("enrollment:trainee"), urgent=True)


def _tell_senders(act: Act, training_class: TrainingClass, trainees: list[Enrollment]) -> None:
    """The nominating organisations and the schools, each with how many of theirs are concerned."""
    counts: Counter[int] = Counter()
    for trainee in trainees:
        counts.update({trainee.organization_id, trainee.school_id})
    people: dict[int, dict[int, User]] = defaultdict(dict)
    held = Membership.objects.current().filter(role__in=NOMINATORS, organization__in=counts)
    for each in held.filter(user__is_active=True).select_related("user"):
        people[each.organization_id][each.user_id] = each.user
    title = _("%(name)s已取消，本单位%(count)d名学员的名额保留，等待另行编班")
    url = reverse("enrollment:enrollments") + "?unplaced=true"
    for key, users in people.items():
        words = {"name": training_class, "count": counts[key]}
        act.tell(users.values(), title % words, body=act.reason, url=url)
