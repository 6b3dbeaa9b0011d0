"""Plugs reviews in: the section of notice files, the desk's lines, the navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "portal.reviews"
    verbose_name = _("审核")

    def ready(self) -> None:
        from portal.reviews import plugs, section  # noqa: F401 - importing registers the desk's lines
        from portal.rulebook.sections import section as plug_section

        plug_section("review_chains", _("审核链"), load=section.load, preview=section.preview, order=50)
