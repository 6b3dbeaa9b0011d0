"""Every address of the portal. An app's own stand in its `urls.py`; the API's in its `api.py` (see portal/api.py)."""

from django.urls import URLPattern, URLResolver, include, path

from portal.api import api_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("portal.accounts.sign_in_urls")),
    path("accounts/", include("portal.accounts.urls")),
    path("api/v1/", include(api_urls())),
    path("organizations/", include("portal.organizations.urls")),
    path("people/", include("portal.people.urls")),
    path("reviews/", include("portal.reviews.urls")),
    path("messages/", include("portal.messages.urls")),
    path("jobs/", include("portal.jobs.urls")),
    path("imports/", include("portal.sheets.urls")),
    path("", include("portal.papers.urls")),
    path("rulebooks/", include("portal.rulebook.urls")),
    path("audit/", include("portal.operations.urls")),
    path("", include("programs.urls")),
    path("quotas/", include("quotas.urls")),
    path("", include("enrollment.urls")),
    path("assessment/", include("assessment.urls")),
    path("finance/", include("finance.urls")),
    path("", include("portal.runtime.urls")),
    path("", include("portal.ui.urls")),
]
