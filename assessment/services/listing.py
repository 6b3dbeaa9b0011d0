"""Opening the list of excellent trainees: who has seen it is kept. Source: CQ20-3.6."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from assessment.models import ExcellentCopy
from assessment.services.results import BUREAUS, SCHOOLS
from portal.accounts.roles import OFFICE
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own


@operation(
    "assessment.open_excellent_list",
    gettext_lazy("查看优秀学员名单"),
    roles=(*OFFICE, *SCHOOLS, *BUREAUS),
    scope=own("organization"),
    clauses=["CQ20-3.6"],
)
def open_list(act: Act, copy: ExcellentCopy) -> ExcellentCopy:
    """Note that an organisation has opened its copy, the first time."""
    if ExcellentCopy.objects.filter(pk=copy.pk, read_at=None).update(read_at=act.now):
        copy.read_at = act.now
        act.changed(copy, after={"read": True})
    return copy
