"""The API's one router. Each app's `api` room registers its viewsets on it when it is imported."""

from csp.decorators import csp_update
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from portal.browsable import INLINE_STYLES
from portal.operations.discovery import import_rooms, our_apps

router = DefaultRouter()
styled = csp_update(INLINE_STYLES)


def api_urls() -> list[URLPattern | URLResolver]:
    """Import every app's `api` room, so that all is registered, and return the addresses under /api/v1/."""
    for app in our_apps():
        import_rooms(app, ["api"])
    return [
        path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
        path("docs/", styled(SpectacularSwaggerSplitView.as_view(url_name="api-schema")), name="api-docs"),
        path("", include(router.urls)),
    ]
