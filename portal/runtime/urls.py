"""Addresses for machines: health always, metrics only where METRICS is on."""

from django.conf import settings
from django.urls import URLPattern, path

from portal.runtime.health import healthz

urlpatterns: list[URLPattern] = [path("healthz", healthz, name="healthz")]

if settings.METRICS:
    from django_prometheus.exports import ExportToDjangoView

    urlpatterns.append(path("metrics", ExportToDjangoView, name="metrics"))
