"""Charts on paper: the picture that the page draws by script, as an SVG from the same figures."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.ui.charts import Chart

COLOURS = ("#14508c", "#2f8f6b", "#c98a1b", "#8a4fa3", "#b8433c", "#4c9fc4")
# In units of the picture, which is as wide as the paper allows.
WIDTH, LABEL, ROW, GAP, HEAD = 640, 190, 16, 8, 24


def picture(chart: Chart) -> SafeString:
    """The chart as lying bars, one group a label: long names stay readable. Figures stand at the bars' ends."""
    count = max(len(chart.series), 1)
    step = ROW * count + GAP
    height = HEAD + step * len(chart.labels)
    parts = format_html_join("", "{}", ((part,) for part in _parts(chart, step)))
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


def _short(label: str) -> str:
    return label if len(label) <= 16 else f"{label[:15]}…"
