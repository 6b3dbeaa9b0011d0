"""The demo's sign-ins, kept in a file of the state folder so that they can be shown: only a demo has any."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Membership, User
from portal.accounts.passwords import temporary_password
from portal.accounts.roles import HELD_IN, Role
from portal.accounts.services.memberships import hold
from portal.accounts.services.passwords import set_password
from portal.accounts.services.users import save_user
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.organizations.models import Organization
from portal.runtime.demo import Demo, demo_stage

BACKGROUND = "demo_background"


@dataclass(frozen=True)
class DemoAccount:
    """One line for whoever tries the demo. `url` is the address of the first page."""

    role: str
    organisation: str
    user: str
    password: str
    url: str


def remember_demo_account(membership: Membership, password: str, *, url: str = "/") -> DemoAccount:
    """Add one sign-in to the file; the same user and role replaces the former. Raises RuntimeError outside a demo."""
    _require_demo()
    account = DemoAccount(
        role=str(membership.get_role_display()),
        organisation=membership.organization.name,
        user=membership.user.username,
        password=password,
        url=settings.PUBLIC_URL + url,
    )
    kept = [each for each in demo_accounts() if (each.user, each.role) != (account.user, account.role)]
    _write([*kept, account])
    return account


def demo_accounts() -> list[DemoAccount]:
    """The sign-ins remembered so far. Raises RuntimeError outside a demo."""
    _require_demo()
    path = _path()
    if not path.exists():
        return []
    return [DemoAccount(**each) for each in json.loads(path.read_text(encoding="utf-8"))]


def forget_demo_accounts() -> None:
    """Begin anew, before a demo is loaded."""
    _path().unlink(missing_ok=True)


def _write(accounts: list[DemoAccount]) -> None:
    """Replace the file in one step, readable to its owner only."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump([asdict(each) for each in accounts], out, ensure_ascii=False, indent=2)
    draft.replace(path)


def _path() -> Path:
    return Path(settings.STATE_DIR) / "demo_accounts.json"


def _require_demo() -> None:
    if not settings.DEMO:
        raise RuntimeError("only a demo (DEMO=1) has sign-ins that are written down")


@demo_stage(20, "演示账号")
def load_accounts(demo: Demo) -> None:
    """One sign-in for each role, at the first organisation that can hold it. Trainees register by themselves."""
    forget_demo_accounts()
    for role in Role:
        if role != Role.TRAINEE:
            organization = Organization.objects.active().of(*HELD_IN[role]).order_by("pk")[0]
            membership, password = open_demo_account(demo.system, organization, role=role)
            remember_demo_account(membership, password)
    open_background_account(demo.system, None)


@operation("accounts.open_background_account", _("开通演示经办人"), system=True)
def open_background_account(act: Act, _none: None) -> User:
    """Make the person as whom the other organisations of the demo have acted; nobody can sign in as them."""
    _require_demo()
    user = save_user(User(username=BACKGROUND, name="演示经办人"))
    act.changed(user, after={"username": BACKGROUND})
    return user


@operation("accounts.open_demo_account", _("开通演示账号"), system=True)
def open_demo_account(act: Act, organization: Organization, *, role: Role) -> tuple[Membership, str]:
    """Make a person who holds `role`, with a password made on this machine. Raises RuntimeError outside a demo."""
    _require_demo()
    user = save_user(User(username=role.value, name=f"演示{role.label}", email=f"{role.value}@demo.invalid"))
    password = temporary_password()
    set_password(user, password)
    act.changed(user, after={"role": role.value})
    return hold(user, role, organization, granted_by=None), password
