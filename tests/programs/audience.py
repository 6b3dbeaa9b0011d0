"""Whom an opening notice goes to in these tests."""

from __future__ import annotations

from portal.accounts.roles import Role
from portal.organizations.models import Organization
from portal.people.models import Teacher
from programs.hooks import Addressee
from programs.models import TrainingClass
from tests.factories import SchoolFactory, TeacherFactory, make_actor
from tests.programs.world import World


class Audience:
    """A school, its bureau and a trainee, to whom notices go while the test runs."""

    def __init__(self, world: World) -> None:
        self.bureau = world.bureau()
        self.school: Organization = SchoolFactory(parent=self.bureau)
        self.clerk = make_actor(Role.BUREAU_CLERK, self.bureau)
        self.admin = make_actor(Role.SCHOOL_ADMIN, self.school)
        self.trainee = make_actor(Role.TRAINEE, self.school)
        self.teacher: Teacher = TeacherFactory(school=self.school, user=self.trainee.user)
        self.people = [Addressee(self.school, self.teacher), Addressee(self.school), Addressee(self.bureau)]

    def __call__(self, training_class: TrainingClass) -> list[Addressee]:
        return self.people
