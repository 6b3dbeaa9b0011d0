"""The API as pages for people. Apart from portal/api.py, because the settings name it while that is being imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer

# The library's templates style a few parts inline; they are let in on these pages only, and scripts not even there.
INLINE_STYLES = {"style-src": ["'self'", "'unsafe-inline'"]}


class BrowsableRenderer(BrowsableAPIRenderer):
    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Draw the page, and widen the policy of this one answer for its styles."""
        if renderer_context is not None:
            renderer_context["response"]._csp_update = INLINE_STYLES
        return super().render(data, accepted_media_type, renderer_context)
