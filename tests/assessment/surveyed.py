"""A class with confirmed trainees, its surveys opened at the right time, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessment.models import Ballot, QuestionKind, Survey, SurveyTemplate
from assessment.services.answering import answer_survey
from assessment.services.surveying import open_survey
from enrollment.models import Enrollment
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from programs.models import TrainingClass
from tests.enrollment.course import open_class
from tests.enrollment.enrolled import confirmed
from tests.enrollment.support import Scene
from tests.factories import TeacherFactory
from tests.programs.world import SYSTEM, moment

# The class runs from 2020-11-09 to 2020-11-18; its evaluation is open from that day to 2020-11-28.
LAST_DAY, AFTER_THE_END = moment(11, 18, 17), moment(11, 29, 9)
BEFORE_THE_START = moment(11, 2, 9)


@dataclass
class Surveyed:
    """`class_teacher` looks after the class of the `people`."""

    scene: Scene
    training_class: TrainingClass
    people: list[Enrollment]
    class_teacher: Actor

    def survey(self, code: str = "evaluation") -> Survey:
        """The class's survey, opened now if it is not."""
        template = SurveyTemplate.objects.select_related("clause").get(code=code)
        open_survey(SYSTEM, self.class_again(), template=template)
        return self.again(code)

    def again(self, code: str = "evaluation") -> Survey:
        rows = Survey.objects.select_related(
            "training_class__base",
            "training_class__class_teacher",
            "training_class__project__program__rulebook",
            "training_class__project__program__office__parent",
            "clause__notice",
        )
        return rows.counted().get(training_class=self.training_class, code=code)

    def class_again(self) -> TrainingClass:
        rows = TrainingClass.objects.select_related("project__program__rulebook", "base", "class_teacher")
        return rows.get(pk=self.training_class.pk)


def make_surveyed(scene: Scene, count: int = 6, **values: Any) -> Surveyed:
    """A published class of `count` confirmed trainees."""
    training_class = open_class(scene, **values)
    people = confirmed(scene, *TeacherFactory.create_batch(count, school=scene.school, subject="会计"))
    teacher = scene.world.actor(Role.CLASS_TEACHER)
    TrainingClass.objects.filter(pk=training_class.pk).update(class_teacher=teacher.user)
    return Surveyed(scene, training_class, people, teacher)


def trainee_of(enrollment: Enrollment) -> Actor:
    """The trainee, as operations see them."""
    assert enrollment.teacher.user
    held = Membership.objects.current().select_related("user", "organization")
    return Actor.of(held.get(user=enrollment.teacher.user), ip="10.1.2.3", request_id=f"r{enrollment.pk}")


def ballot_of(survey: Survey, enrollment: Enrollment) -> Ballot:
    return Ballot.objects.select_related("enrollment__teacher__user", "survey").get(
        survey=survey, enrollment=enrollment
    )


def filled(survey: Survey, place: int = 0, words: str = "很好") -> dict[int, Any]:
    """An answer to every question: the option at `place`, and `words`."""
    rows = survey.questions.prefetch_related("options")
    return {
        each.pk: f"{words}{each.position}"
        if each.kind == QuestionKind.TEXT
        else [list(each.options.all())[place].pk]
        for each in rows
    }


def answer(survey: Survey, enrollment: Enrollment, place: int = 0, words: str = "很好") -> None:
    """The trainee answers."""
    answer_survey(trainee_of(enrollment), ballot_of(survey, enrollment), answers=filled(survey, place, words))
