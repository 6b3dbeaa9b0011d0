"""A person's own particulars."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.errors import Invalid
from portal.names import mask_phone
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import oneself
from portal.text import normalise


@operation("accounts.update_profile", _("修改个人资料"), roles=list(Role), scope=oneself(""))
def update_profile(act: Act, user: User, *, name: str, phone: str, email: str) -> User:
    """Correct one's own name, phone and e-mail address. Raises Invalid without a name."""
    if not normalise(name):
        raise Invalid(_("请填写姓名。"), field="name")
    wanted = {"name": normalise(name), "phone": normalise(phone), "email": email.strip()}
    before = {key: getattr(user, key) for key, value in wanted.items() if getattr(user, key) != value}
    after = {key: wanted[key] for key in before}
    for key, value in after.items():
        setattr(user, key, value)
    user.save(update_fields=list(after))
    act.changed(user, before=_masked(before), after=_masked(after))
    return user


def _masked(fields: dict[str, str]) -> dict[str, str]:
    return {key: mask_phone(value) if key == "phone" else value for key, value in fields.items()}
