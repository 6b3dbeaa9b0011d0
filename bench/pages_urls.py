"""The portal's addresses and, for comparison, a bare page: one query and the same frame."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from portal.accounts.models import User
from portal.ui.pages import PageRequest, page
from portal.urls import urlpatterns as portal_urls


@page
def bare(request: PageRequest) -> HttpResponse:
    """One query and the frame."""
    User.objects.filter(pk=request.actor.user_id).values_list("name").first()
    return render(request, "base.html", {"title": "bare"})


urlpatterns = [path("bench/bare/", bare), *portal_urls]
