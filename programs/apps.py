"""Plugs programmes in."""

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = _("计划与项目")

    def ready(self) -> None:
        from portal.rulebook.hooks import clock_moved, rulebook_loaded
        from portal.rulebook.sections import section
        from programs import (  # noqa: F401 - importing registers them
            class_rules,
            imports,
            notice,
            papers,
            papers_notice,
            plugs,
            plugs_training,
            reminders,
            rules,
            tasks,
        )
        from programs.services import (  # noqa: F401 - declares the operations
            cancelling,
            classes,
            closing,
            deliverables,
            handing_in,
            notices,
            opening,
            plan_reviews,
            plans,
            programs,
            projects,
            sweeping,
        )

        rulebook_loaded(notice.load_program)
        clock_moved(tasks.follow_the_clock)
        section(
            "categories",
            _("项目类别"),
            load=notice.load_categories,
            preview=notice.preview_categories,
            order=20,
        )
        section(
            "deliverables",
            _("应交材料"),
            load=notice.load_deliverables,
            preview=notice.preview_deliverables,
            order=30,
            edit_url=lambda rulebook: reverse("programs:deliverables", args=[rulebook.pk]),
        )
