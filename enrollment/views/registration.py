"""The public pages on which a trainee registers with a code, made for a phone. Source: CQ20-3.3, CQ20-A6."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enrollment.attempts import count_attempt
from enrollment.forms.registration import AccountForm, CodeForm
from enrollment.models import ClassCode, Enrollment, EnrollmentState, RegistrationCode
from enrollment.services.registration import PHASE, Opened, join, open_enrollment, register
from portal import clock
from portal.accounts.client import client_ip, request_id
from portal.accounts.current import SESSION_KEY
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.views.invitations import BACKEND
from portal.errors import DomainError, Invalid
from portal.names import mask_name
from portal.operations.actor import Actor
from portal.rulebook.citing import cites

OPENED = "registering"
# So long a proven code stays open in this browser before the account must have been made.
OPEN_FOR = timedelta(minutes=30)
CODES: dict[str, type[RegistrationCode] | type[ClassCode]] = {"own": RegistrationCode, "class": ClassCode}


def start(request: HttpRequest) -> HttpResponse:
    """Type or scan the code, and prove who one is by the end of the ID number."""
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            refused = _open(request, form)
            if refused is None:
                return redirect("enrollment:register_account")
            status = refused.status
    context = {"title": _("学员注册报名"), "form": form}
    return _private(render(request, "enrollment/register.html", context, status=status))


def account(request: HttpRequest) -> HttpResponse:
    """Whom the code belongs to; then make the account, or take part with the one that is there."""
    opened = _opened(request)
    if opened is None:
        messages.info(request, _("请先输入验证码。"))
        return redirect("enrollment:register")
    found = opened.enrollment
    form = AccountForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid() and _made(request, opened, form):
        return redirect("enrollment:trainee")
    context = {
        "title": _("确认身份，设置账号"),
        "form": form,
        "enrollment": found,
        "name": mask_name(found.teacher.name),
        "known": found.teacher.user_id is not None,
        "mine": found.teacher.user_id is not None and found.teacher.user_id == request.user.pk,
        "phase": found.rulebook.phase(PHASE),
    }
    status = 422 if form.errors else 200
    return _private(render(request, "enrollment/register_account.html", context, status=status))


@require_POST
def take_part(request: HttpRequest) -> HttpResponse:
    """Register with the account one has, signed in with it."""
    opened, actor = _opened(request), getattr(request, "actor", None)
    if opened is None or actor is None:
        return redirect("enrollment:register")
    try:
        join(actor, opened.enrollment, code=opened.code)
    except DomainError as refused:
        messages.error(request, str(refused.message))
        return redirect("enrollment:register_account")
    _as_trainee(request, actor.user, opened.enrollment)
    messages.success(request, _("报名已提交。"))
    return redirect("enrollment:trainee")


@require_safe
@cites("CQ20-A6")
def guide(request: HttpRequest) -> HttpResponse:
    """How to register (annex 6): public, and printable."""
    return render(request, "enrollment/guide.html", {"title": _("学员注册报名流程（附件6）")})


def _open(request: HttpRequest, form: CodeForm) -> DomainError | None:
    """Note in the session whom the typed code opens; on a refusal put it beside the field and return it."""
    given = form.cleaned_data
    try:
        count_attempt(client_ip(request) or "", given["code"])
        found = open_enrollment(given["code"], given["tail"], name=given["name"], now=clock.now())
    except DomainError as refused:
        field = refused.field if isinstance(refused, Invalid) and refused.field in form.fields else None
        form.add_error(field, str(refused.message))
        return refused
    kind = next(name for name, model in CODES.items() if isinstance(found.code, model))
    until = (timezone.now() + OPEN_FOR).timestamp()
    request.session[OPENED] = [found.enrollment.pk, until, kind, found.code.pk]
    return None


def _opened(request: HttpRequest) -> Opened | None:
    """The enrolment that this browser has proven, and by which code, while it still waits for registration."""
    key, until, kind, code_key = request.session.get(OPENED, [0, 0, "own", 0])
    if timezone.now().timestamp() > until:
        return None
    code = CODES[kind]._default_manager.filter(pk=code_key).first()
    rows = Enrollment.objects.filter(pk=key, state=EnrollmentState.APPROVED)
    found = rows.select_related(
        "teacher__school", "teacher__user", "school", "project__program__rulebook", "training_class"
    ).first()
    return Opened(found, code) if found and code else None


def _made(request: HttpRequest, opened: Opened, form: AccountForm) -> bool:
    given, found = form.cleaned_data, opened.enrollment
    account = {"password": given["password"], "username": given["username"]}
    system = Actor(_("学员自助报名"), ip=client_ip(request), request_id=request_id(), is_system=True)
    try:
        user = register(system, found, code=opened.code, **account)
    except DomainError as refused:
        field = refused.field if isinstance(refused, Invalid) and refused.field in form.fields else None
        form.add_error(field, str(refused.message))
        return False
    login(request, user, backend=BACKEND)
    _as_trainee(request, user, found)
    messages.success(request, _("注册成功，报名已提交。请核对并补全个人信息。"))
    return True


def _as_trainee(request: HttpRequest, user: User, found: Enrollment) -> None:
    """Let the person go on in the role of a trainee of their school."""
    request.session.pop(OPENED, None)
    held = user.memberships.filter(role=Role.TRAINEE, organization=found.school, ended_at=None).first()
    if held:
        request.session[SESSION_KEY] = held.pk


def _private(response: HttpResponse) -> HttpResponse:
    """Keep pages with codes out of caches and search engines.

    The site's own referrer policy keeps the address from other sites; a stricter one would make browsers send
    `Origin: null`, which the CSRF check refuses.
    """
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
