"""Finding the school that a row of a sheet means, among those in someone's reach. Two queries for any number of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from django.utils.translation import gettext as _

from portal.organizations.codes import clean_code
from portal.organizations.kinds import Kind
from portal.organizations.models import FormerName, Organization
from portal.text import fold

EMPLOYERS = frozenset({Kind.SCHOOL, Kind.COLLEGE})


@dataclass
class Employers:
    """Schools and colleges in use by code and by name. `default` is meant by a row that names none."""

    default: Organization | None = None
    by_code: dict[str, Organization] = field(default_factory=dict)
    by_name: dict[str, list[Organization]] = field(default_factory=dict)

    @classmethod
    def of(cls, organization: Organization | None) -> Self:
        """Those in the organisation's reach; the system's (None) are all."""
        found = Organization.objects.active().of(*EMPLOYERS)
        if organization is not None:
            found = found.under(organization.reach)
        schools = {school.pk: school for school in found}
        finder = cls(organization if organization and organization.kind in EMPLOYERS else None)
        for school in schools.values():
            finder._add(school)
        for name, key in FormerName.objects.filter(organization__in=found).values_list(
            "name", "organization_id"
        ):
            finder.by_name.setdefault(fold(name), [schools[key]])
        return finder

    def _add(self, school: Organization) -> None:
        if school.school_code:
            self.by_code[school.school_code] = school
        for name in {fold(school.name), fold(school.short_name)} - {""}:
            self.by_name.setdefault(name, []).append(school)

    def find(self, code: object, name: object) -> tuple[Organization | None, str]:
        """The school meant by a code and a name (either may be empty), and what is to be said about it.

        No school: the text says why. A school with a text: a warning.
        """
        if code:
            return self._by_code(clean_code(code), str(name or ""))
        if name:
            return self._by_name(str(name))
        return self.default, "" if self.default else _("未填写学校标识码或工作单位。请至少填写一项。")

    def _by_code(self, code: str, name: str) -> tuple[Organization | None, str]:
        school = self.by_code.get(code)
        if school is None:
            message = _("学校标识码%(code)s不在您管理的在用学校中。请核对代码；新学校请先在机构管理中登记。")
            return None, message % {"code": code}
        if name and school not in self.by_name.get(fold(name), []):
            message = _("工作单位与学校标识码不一致，将按标识码登记到“%(school)s”。")
            return school, message % {"school": school}
        return school, ""

    def _by_name(self, name: str) -> tuple[Organization | None, str]:
        found = self.by_name.get(fold(name), [])
        if len(found) == 1:
            return found[0], ""
        if found:
            return None, _("有多所学校叫“%(name)s”。请填写学校标识码。") % {"name": name}
        message = _("“%(name)s”不在您管理的在用学校中。请填写全称或学校标识码；新学校请先在机构管理中登记。")
        return None, message % {"name": name}
