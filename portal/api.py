"""The API's one router, and how its requests are read. Each app's `api` room registers its viewsets when imported."""

from typing import Any

from csp.decorators import csp_update
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import BaseSerializer

from portal.browsable import INLINE_STYLES
from portal.operations.actor import Actor
from portal.operations.discovery import import_rooms, our_apps

router = DefaultRouter()
styled = csp_update(INLINE_STYLES)


def actor_of(request: Request) -> Actor:
    """Return who calls."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def valid(shape: type[BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """Return what `request` says, as services take it. Raises ValidationError for what does not fit `shape`."""
    read = shape(data=request.data, context={"request": request})
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def api_urls() -> list[URLPattern | URLResolver]:
    """Import every app's `api` room, so that all is registered, and return the addresses under /api/v1/."""
    for app in our_apps():
        import_rooms(app, ["api"])
    return [
        path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
        path("docs/", styled(SpectacularSwaggerSplitView.as_view(url_name="api-schema")), name="api-docs"),
        path("", include(router.urls)),
    ]
