"""The API's one router. Each app's `api.py` registers its viewsets on it when it is imported."""

from csp.decorators import csp_update
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import autodiscover_modules
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from portal.browsable import INLINE_STYLES

router = DefaultRouter()
styled = csp_update(INLINE_STYLES)


def api_urls() -> list[URLPattern | URLResolver]:
    """Import every app's `api` module, so that all is registered, and return the addresses under /api/v1/."""
    autodiscover_modules("api")
    return [
        path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
        path("docs/", styled(SpectacularSwaggerSplitView.as_view(url_name="api-schema")), name="api-docs"),
        path("", include(router.urls)),
    ]
