"""From figures to points, score and rank."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment.scoring import Line, add, ranks, score


def line(code: str = "a", weight: str = "10", target: str = "1") -> Line:
    return Line(code, code, f"{code}_up", f"{code}_down", Decimal(weight), Decimal(target))


def test_a_share_gives_its_part_of_the_weight_and_no_more_than_all_of_it() -> None:
    assert line().points({"a_up": 3, "a_down": 4}) == Decimal("7.50")
    assert line().points({"a_up": 5, "a_down": 4}) == Decimal("10.00")
    assert line(target="0.2").points({"a_up": 1, "a_down": 10}) == Decimal("5.00")
    assert line().points({"a_up": Decimal(-1), "a_down": 4}) == 0


def test_without_a_figure_there_are_no_points() -> None:
    assert line().points({"a_up": 3}) is None
    assert line().points({"a_down": 3}) is None
    assert line().points({"a_up": 0, "a_down": 0}) is None


def test_the_weight_of_a_line_without_figures_is_shared_among_the_others() -> None:
    verdict = score([line("a"), line("b", weight="30")], {"a_up": 1, "a_down": 2})
    assert (verdict.points, verdict.score) == ({"a": Decimal("5.00")}, Decimal("50.00"))


def test_nothing_known_gives_no_score() -> None:
    assert score([line()], {}).score is None


def test_figures_of_classes_are_added_and_unknown_ones_stay_unknown() -> None:
    assert add([{"a": 1, "b": Decimal("2.5")}, {"a": 2}]) == {"a": 3, "b": Decimal("2.5")}


def test_equal_scores_share_a_place_and_the_next_is_left_out() -> None:
    scores = [Decimal(80), None, Decimal(90), Decimal(80), Decimal(70)]
    assert ranks(scores) == [2, None, 1, 2, 4]


def test_a_line_survives_being_kept() -> None:
    assert Line.from_json(line(target="0.2").as_json()) == line(target="0.2")


# A busy machine may be slow to begin; that says nothing of the score.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6))
def test_a_score_lies_between_nothing_and_a_hundred(pairs: list[tuple[int, int]]) -> None:
    scheme = [line(f"l{index}", weight=str(index + 1)) for index in range(len(pairs))]
    figures = {}
    for index, (above, below) in enumerate(pairs):
        figures |= {f"l{index}_up": above, f"l{index}_down": below}
    reached = score(scheme, figures).score
    assert reached is None or 0 <= reached <= 100
