"""What paper templates draw: the QR code and ticked boxes."""

from __future__ import annotations

import segno
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.papers.pictures import picture
from portal.ui.charts import Chart

register = template.Library()


@register.simple_tag
def qr(address: str) -> SafeString:
    """An inline SVG of `address`, error correction M, quiet zone left to the style."""
    code = segno.make(address, error="m", micro=False)
    # Drawn by segno from modules alone: the address itself is not in the markup.
    return mark_safe(code.svg_inline(border=0, omitsize=True, svgclass="qr"))  # noqa: S308


@register.simple_tag
def tick(checked: object, label: str) -> SafeString:
    """A box before `label`, ticked when `checked`. The fonts have no ☑, so the box is drawn."""
    mark = "√" if checked else ""
    return format_html('<span class="tick"><span class="tick-box">{}</span>{}</span>', mark, label)


@register.simple_tag
def chart_picture(chart: Chart) -> SafeString:
    """The picture of a chart, for papers: they run no script."""
    return picture(chart)
