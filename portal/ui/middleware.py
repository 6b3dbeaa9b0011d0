"""Turns refusals into pages and fragments, and keeps htmx honest about sessions and messages."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect

from portal.errors import DomainError


class DomainErrorMiddleware:
    """An uncaught DomainError becomes a page that says what to do; an answered one gives the page its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_htmx(request) and request.path == resolve_url(settings.LOGIN_URL) and request.method == "GET":
            return _to_sign_in(request)
        response = self.get_response(request)
        refused = getattr(request, "refused", None)
        if refused is not None and response.status_code == 200:
            response.status_code = refused.status
        return _for_htmx(request, response) if _is_htmx(request) else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a DomainError that the view let through. Anything else goes on to Django."""
        if not isinstance(exception, DomainError):
            return None
        context = {"refused": exception, "back": _back(request)}
        if not _is_htmx(request):
            return render(request, "ui/refused.html", context, status=exception.status)
        response = render(request, "components/refusal_alert.html", context, status=exception.status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML show:top"
        return response


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _for_htmx(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["HX-Request"])
    location = response.headers.get("Location", "")
    if location and urlsplit(location).path == resolve_url(settings.LOGIN_URL):
        return _to_sign_in(request)
    return _with_messages(request, response)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the whole window to sign in and back to the page it shows, not to the fragment."""
    current = getattr(request, "htmx").current_url_abs_path or "/"  # noqa: B009 - set by HtmxMiddleware
    return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': current})}")


def _with_messages(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A fragment carries the waiting messages along, out of band."""
    html = response.headers.get("Content-Type", "").startswith("text/html")
    if (
        not html
        or response.streaming
        or response.status_code in {204, 301, 302}
        or "HX-Redirect" in response.headers
    ):
        return response
    waiting = get_messages(request)
    if len(waiting) and "HX-Retarget" not in response.headers:
        response.content += render_to_string("components/messages_oob.html", {"messages": waiting}).encode()
    return response


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that was one of our pages, else the desk."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return referer if ours and urlsplit(referer).path != request.path else "/"
