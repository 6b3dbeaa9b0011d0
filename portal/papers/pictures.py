"""Charts on paper: the picture that the page draws by script, as an SVG from the same figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.ui.charts import Chart, ChartKind

if TYPE_CHECKING:
    from portal.ui.charts import Figure

COLOURS = ("#14508c", "#2f8f6b", "#c98a1b", "#8a4fa3", "#b8433c", "#4c9fc4")
# In units of the picture, which is as wide as the paper allows.
WIDTH, LABEL, ROW, GAP, HEAD = 640, 190, 16, 8, 24
# Narrower parts of a bar hold no figure.
LEAST_WIDE = 34


def picture(chart: Chart) -> SafeString:
    """The chart as lying bars, one group a label: long names stay readable. Figures stand at the bars' ends."""
    count = 1 if chart.kind is ChartKind.STACKED else max(len(chart.series), 1)
    step = ROW * count + GAP
    height = HEAD + step * len(chart.labels)
    drawn = _stacked(chart, step) if chart.kind is ChartKind.STACKED else _parts(chart, step)
    parts = format_html_join("", "{}", ((part,) for part in drawn))
    words = '<svg class="chart" viewBox="0 0 {} {}" width="100%" role="img" aria-label="{}">{}{}</svg>'
    return format_html(words, WIDTH, height, chart.title, _legend(chart), parts)


def _legend(chart: Chart) -> SafeString:
    words = (
        '<rect x="{}" y="4" width="10" height="10" fill="{}"/><text x="{}" y="13" font-size="11">{}</text>'
    )
    places = (
        (LABEL + 120 * index, COLOURS[index % len(COLOURS)], LABEL + 120 * index + 14, series.name)
        for index, series in enumerate(chart.series)
    )
    return format_html_join("", words, places)


def _parts(chart: Chart, step: int) -> Iterator[SafeString]:
    most = max(
        (float(value) for each in chart.series for value in each.values if value is not None), default=0
    )
    room = WIDTH - LABEL - 60
    for row, (label, values) in enumerate(chart.rows):
        top = HEAD + step * row
        middle = top + (step - GAP) / 2 + 4
        yield format_html(
            '<text x="{}" y="{}" font-size="11" text-anchor="end">{}</text>',
            LABEL - 6,
            middle,
            _short(str(label)),
        )
        for index, value in enumerate(values):
            wide = round(room * float(value) / most, 1) if value is not None and most > 0 else 0
            colour, y = COLOURS[index % len(COLOURS)], top + ROW * index
            yield format_html(
                '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
                LABEL,
                y,
                max(wide, 0),
                ROW - 3,
                colour,
            )
            words = "—" if value is None else f"{value}{chart.unit}"
            x = LABEL + max(wide, 0) + 5
            yield format_html('<text x="{}" y="{}" font-size="10">{}</text>', x, y + 10, words)


def _stacked(chart: Chart, step: int) -> Iterator[SafeString]:
    """One bar a label, its series end to end."""
    most = max((_total(values) for _label, values in chart.rows), default=0)
    for row, (label, values) in enumerate(chart.rows):
        top, x = HEAD + step * row, float(LABEL)
        words = '<text x="{}" y="{}" font-size="11" text-anchor="end">{}</text>'
        yield format_html(words, LABEL - 6, top + 11, _short(str(label)))
        for index, value in enumerate(values):
            wide = round((WIDTH - LABEL - 60) * float(value or 0) / most, 1) if most else 0
            if wide > 0:
                yield _piece(round(x, 1), top, wide, COLOURS[index % len(COLOURS)], f"{value}{chart.unit}")
            x += wide


def _piece(x: float, top: float, wide: float, colour: str, figure: str) -> SafeString:
    """One part of a bar; its figure stands in it where there is room."""
    bar = format_html('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>', x, top, wide, ROW - 3, colour)
    if wide < LEAST_WIDE:
        return bar
    words = '{}<text x="{}" y="{}" font-size="9" fill="#fff">{}</text>'
    return format_html(words, bar, round(x + 4, 1), top + 10, figure)


def _total(values: Sequence[Figure]) -> float:
    return sum(float(each or 0) for each in values)


def _short(label: str) -> str:
    return label if len(label) <= 16 else f"{label[:15]}…"
