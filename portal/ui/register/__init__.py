"""Lists (台账), declared once each: filter, search, sort, keyset paging, columns, bulk acts, export.

    CLASSES = Register(
        code="programs.classes",
        title=_("班次台账"),
        rows=lambda actor: TrainingClass.objects.visible_to(actor).select_related("base"),
        columns=[
            Column("name", _("班次"), sort="name"),
            Column("base__name", _("基地")),
            Column("capacity", _("计划人数"), kind=Kind.NUMBER, sort="capacity"),
            Column("state", _("状态"), kind=Kind.BADGE),
        ],
        filters=ClassFilter,
        search=("name__icontains", "code__startswith"),
        url=leads_to("programs:class"),
        empty=_("还没有班次。请点击右上角“新建班次”。"),
    )

    @page
    def class_list(request: PageRequest) -> HttpResponseBase:
        return CLASSES.respond(request)

The address keeps everything: `q` (search), the filters' names, `sort` (a column's key, `-` before it for descending), and
`after` / `before` (a row's place). The template is `ui/register.html` or one that extends it.
"""

from portal.ui.register.addresses import leads_to
from portal.ui.register.bulk import BulkAction
from portal.ui.register.columns import Column, Kind
from portal.ui.register.declaration import Register, registers

__all__ = ["BulkAction", "Column", "Kind", "Register", "leads_to", "registers"]
