import io

import msgspec
import pytest
from rich.console import Console, RenderableType

from kingtide.report.table import compare, summary
from tests.unit.report.evening import evening
from tests.unit.report.hostile import hostile_evening


def printed(what: RenderableType, width: int = 80) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=False, color_system=None)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def test_every_figure_is_in_the_summary_with_its_unit() -> None:
    record = evening()
    text = printed(summary(record))
    for figure in record.figures.values():
        assert figure.title in text or figure.title.rsplit(" ", 1)[0] in text
    assert "29.14 USD" in text
    assert "3 min 34 s" in text


@pytest.mark.parametrize(
    "record", [evening(failed=True), hostile_evening()], ids=["made", "hostile"]
)
def test_no_line_is_wider_than_the_terminal(record: object) -> None:
    assert isinstance(record, type(evening()))
    assert max(len(line) for line in printed(summary(record)).splitlines()) <= 80


def test_an_unmet_expectation_names_both_figures_and_comes_first() -> None:
    text = printed(summary(evening(failed=True)))
    assert "✗ 1 of 3 expectations not met" in text
    unmet = next(line for line in text.splitlines() if "✗ not met" in line)
    assert "unavailable.high.max_seconds <= 15" in unmet
    assert "was 55" in unmet
    assert text.index("✗ not met") < text.index("✓ met")


def test_a_figure_that_never_arose_is_said_in_words() -> None:
    assert "never happened" in printed(summary(evening()))


def test_markup_and_escapes_of_users_are_printed_not_obeyed() -> None:
    text = printed(summary(hostile_evening()))
    assert "[red]not markup[/red][/]" in text
    assert "\x1b" not in text


def test_a_partial_run_says_so() -> None:
    assert "Partial run: stopped at 21:15:00" in printed(summary(evening(reached=0.5)))


def test_the_time_it_took_is_told_when_known() -> None:
    record = msgspec.structs.replace(evening(), engine={"wall_seconds": 3.25})
    assert "1 h 30 min computed in 3.2 s" in printed(summary(record))
    assert "computed in" not in printed(summary(evening()))


def test_records_stand_side_by_side() -> None:
    one, other = evening(), evening(seed=7, failed=True)
    text = printed(compare(one, other), width=100)
    line = next(line for line in text.splitlines() if "Most spot nodes" in line)
    assert "122 nodes" in line
    assert "105 nodes" in line
    assert "✓ 3 of 3 met" in text
    assert "✗ 2 of 3 met" in text


def test_a_figure_that_one_record_lacks_is_blank_there() -> None:
    one = evening()
    fewer = {k: f for k, f in one.figures.items() if not k.startswith("scheduling")}
    text = printed(compare(msgspec.structs.replace(one, figures=fewer), one), width=100)
    line = next(line for line in text.splitlines() if "Pods preempted" in line)
    assert line.split() == ["Pods", "preempted", "12"]
