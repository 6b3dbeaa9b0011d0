"""Two people on one record: the second is told who changed what."""

import pytest

from portal.accounts.roles import Role
from portal.errors import Conflict
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.versions import save_version
from portal.organizations.models import Organization
from tests.factories import OrganizationFactory, make_actor

pytestmark = pytest.mark.django_db


def test_the_version_counts_up_and_the_object_follows() -> None:
    organization = OrganizationFactory()
    save_version(organization, 1, name="新名")
    stored = Organization.objects.get(pk=organization.pk)
    assert (organization.name, organization.version) == (stored.name, stored.version) == ("新名", 2)


def test_an_old_version_is_a_conflict_and_changes_nothing() -> None:
    organization = OrganizationFactory()
    save_version(organization, 1, name="甲")
    with pytest.raises(Conflict, match="刚被他人修改"):
        save_version(organization, 1, name="乙")
    assert Organization.objects.get(pk=organization.pk).name == "甲"


def test_the_conflict_names_who_did_what() -> None:
    @operation("test.edit", "修改机构", roles=[Role.PROVINCIAL_OFFICER])
    def edit(act: Act, organization: Organization) -> None:
        save_version(organization, organization.version, name="甲")

    organization = OrganizationFactory()
    officer = make_actor(Role.PROVINCIAL_OFFICER, organization)
    edit(officer, organization)
    with pytest.raises(Conflict, match=f"{officer.name}.*“修改机构”"):
        save_version(organization, 1, name="乙")
