"""Says at start-up, in every command, when papers cannot be printed on this machine."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from portal.papers import libraries


@register()
def pdf_libraries(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """W001 with the installing command when Pango or a library beside it is missing."""
    if libraries.pdf_available():
        return []
    return [
        Warning(
            f"PDF is off: this machine lacks {', '.join(libraries.missing())}. Everything else works.",
            hint=f"As root: {libraries.remedy()}",
            id="papers.W001",
        )
    ]
