"""Factories that every test may use. People, numbers and bodies are fictional; ID numbers are well-formed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from portal.accounts.models import Membership, User
from portal.accounts.roles import HELD_IN, Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.codes import Stage, TitleLevel
from portal.people.identity import compose_id
from portal.people.models import Teacher

PASSWORD = "Correct-Horse-7"


def make_id_number(seed: int, *, region: str = "500101") -> str:
    """A well-formed resident ID, another for each `seed` below 7,000,000; born 1980–1999; odd: male."""
    days, sequence = divmod(seed, 1000)
    return compose_id(region, date(1980, 1, 1) + timedelta(days=days % 7000), sequence)


def make_phone(seed: int) -> str:
    return f"139{seed % 100_000_000:08d}"


class OrganizationFactory(DjangoModelFactory):
    """A municipality unless another kind is asked for."""

    class Meta:
        model = Organization
        skip_postgeneration_save = True

    kind = Kind.MUNICIPALITY
    name = factory.Sequence(lambda n: f"演示市教育委员会{n}")
    region_code = "500000"


class ProjectOfficeFactory(OrganizationFactory):
    parent = factory.SubFactory(OrganizationFactory)
    kind = Kind.PROJECT_OFFICE
    name = factory.Sequence(lambda n: f"演示培训项目办{n}")


class BureauFactory(OrganizationFactory):
    parent = factory.SubFactory(OrganizationFactory)
    kind = Kind.BUREAU
    name = factory.Sequence(lambda n: f"演示区教育委员会{n}")
    region_code = "500101"


class SchoolFactory(OrganizationFactory):
    parent = factory.SubFactory(BureauFactory)
    kind = Kind.SCHOOL
    name = factory.Sequence(lambda n: f"演示职业教育中心{n}")
    school_code = factory.Sequence(lambda n: f"3650{n:06d}")
    region_code = "500101"


class CollegeFactory(OrganizationFactory):
    parent = factory.SubFactory(OrganizationFactory)
    kind = Kind.COLLEGE
    name = factory.Sequence(lambda n: f"演示职业技术学院{n}")
    school_code = factory.Sequence(lambda n: f"41500{n:05d}")


class BaseFactory(OrganizationFactory):
    parent = factory.SubFactory(OrganizationFactory)
    kind = Kind.BASE
    name = factory.Sequence(lambda n: f"演示培训基地{n}")


_FACTORY_OF = {
    Kind.MUNICIPALITY: OrganizationFactory,
    Kind.PROJECT_OFFICE: ProjectOfficeFactory,
    Kind.BUREAU: BureauFactory,
    Kind.SCHOOL: SchoolFactory,
    Kind.COLLEGE: CollegeFactory,
    Kind.BASE: BaseFactory,
}


class UserFactory(DjangoModelFactory):
    """A person whose password is PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"演示用户{n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, password: str = PASSWORD, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, password=password, **kwargs)


class MembershipFactory(DjangoModelFactory):
    """A bureau clerk unless another role is asked for; the organisation is of a kind that holds the role."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.BUREAU_CLERK
    organization = factory.LazyAttribute(lambda it: organization_for(it.role))


def organization_for(role: Role | str) -> Organization:
    """A new organisation of a kind in which `role` may be held."""
    kind = next(kind for kind in _FACTORY_OF if kind in HELD_IN[Role(role)])
    return _FACTORY_OF[kind]()


def make_actor(role: Role | str, organization: Organization | None = None, **kwargs: Any) -> Actor:
    """A person in `role` of `organization` (a new one if None), as operations see them."""
    where = organization or organization_for(role)
    membership = MembershipFactory(role=role, organization=where, **kwargs)
    return Actor.of(membership, ip="127.0.0.1", request_id="test")


class TeacherFactory(DjangoModelFactory):
    """A complete record of a secondary vocational teacher, born 1980 or later."""

    class Meta:
        model = Teacher

    class Params:
        seed = factory.Sequence(lambda n: n)

    name = factory.Sequence(lambda n: f"张演示{n}")
    id_number = factory.LazyAttribute(lambda it: make_id_number(it.seed))
    gender = factory.LazyAttribute(lambda it: "1" if it.seed % 2 else "2")
    birth_date = factory.LazyAttribute(lambda it: date(1980, 1, 1) + timedelta(days=it.seed // 1000 % 7000))
    ethnicity = "01"
    political_status = "13"
    education = "21"
    degree = "bachelor"
    graduated_from = "演示师范大学"
    major = "机械工程"
    school = factory.SubFactory(SchoolFactory)
    stage = Stage.SECONDARY_VOCATIONAL
    subject = "数控技术应用"
    title = "讲师"
    title_level = TitleLevel.INTERMEDIATE
    teaching_since = date(2008, 9, 1)
    double_qualified = True
    phone = factory.LazyAttribute(lambda it: make_phone(it.seed))
    email = factory.Sequence(lambda n: f"teacher{n}@example.org")
    in_national_system = True
