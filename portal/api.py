"""The API's one router. Each app's `api.py` registers its viewsets on it when it is imported."""

from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import autodiscover_modules
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import DefaultRouter

router = DefaultRouter()


def api_urls() -> list[URLPattern | URLResolver]:
    """Import every app's `api` module, so that all is registered, and return the addresses under /api/v1/."""
    autodiscover_modules("api")
    return [
        path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
        path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
        path("", include(router.urls)),
    ]
