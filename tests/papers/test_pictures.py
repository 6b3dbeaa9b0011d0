"""Charts on paper: stacked bars add up, and small parts keep their figure to themselves."""

from portal.papers.pictures import picture
from portal.ui.charts import Chart, ChartKind, Series


def test_stacked_series_stand_end_to_end_in_one_bar() -> None:
    series = [Series("满意", [60]), Series("一般", [38]), Series("不满意", [2]), Series("未答", [None])]
    drawn = picture(Chart("分布", ChartKind.STACKED, "题目", ["总体效果"], series, "%"))
    assert 'x="190.0"' in drawn
    assert 'x="424.0"' in drawn, "the second begins where the first ends"
    assert ("60%" in drawn, "38%" in drawn, "2%<" in drawn) == (True, True, False)
    assert drawn.count("<rect") == 3 + len(series)


def test_a_chart_of_nothing_draws_its_labels() -> None:
    drawn = picture(Chart("分布", ChartKind.STACKED, "题目", ["总体效果"], [Series("满意", [0])], "%"))
    assert "总体效果" in drawn
