"""The inbox as a list: unread first, then newest first."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.messages.models import Message
from portal.messages.services import mark_read
from portal.ui.filters import FilterSet
from portal.ui.pages import PageRequest
from portal.ui.register import BulkAction, Column, Kind, Register, leads_to

READ_STATES = [("unread", gettext_lazy("未读")), ("read", gettext_lazy("已读"))]


class MessageFilter(FilterSet):
    read = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=READ_STATES, method="by_read")
    urgent = django_filters.TypedChoiceFilter(
        label=gettext_lazy("紧急"),
        choices=[("1", gettext_lazy("只看紧急"))],
        coerce=bool,
    )

    class Meta:
        model = Message
        fields = ["read", "urgent"]

    def by_read(self, rows: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        return rows.filter(read_at__isnull=value == "unread")


def _state(message: Message) -> tuple[str, str]:
    return ("read", _("已读")) if message.read_at else ("waiting", _("未读"))


def _mark(request: PageRequest, rows: QuerySet[Message], _form: dict[str, object]) -> str:
    marked = mark_read(request.actor, Message.objects.filter(pk__in=rows.values("pk")))
    return _("已将%(count)d条消息标为已读。") % {"count": marked}


INBOX: Register[Message] = Register(
    code="messages.inbox",
    title=gettext_lazy("消息"),
    rows=lambda actor: Message.objects.visible_to(actor).unread_first(),
    columns=[
        Column("title", gettext_lazy("标题")),
        Column("state", gettext_lazy("状态"), kind=Kind.BADGE, value=_state),
        Column("body", gettext_lazy("内容")),
        Column("urgent", gettext_lazy("紧急"), kind=Kind.FLAG),
        Column("business_at", gettext_lazy("时间"), kind=Kind.MOMENT, sort="business_at"),
    ],
    filters=MessageFilter,
    search=("title__icontains", "body__icontains"),
    search_hint=gettext_lazy("标题或内容"),
    order="-is_unread",
    url=leads_to("messages:open"),
    actions=[BulkAction("read", gettext_lazy("标为已读"), _mark)],
    empty=gettext_lazy("还没有消息。审核结果、截止提醒和任务完成时会在这里通知您。"),
    exports=False,
    template="messages/list.html",
)
