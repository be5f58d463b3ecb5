from __future__ import annotations

import msgspec
import pytest
from rich.cells import cell_len

from kingtide.rehearsal.record import ExpectationResult, Figure, RunRecord, Unit
from kingtide.report.figures import UNIT_LABELS, short_text
from kingtide.report.table import summary
from tests.unit.report.evening import evening
from tests.unit.report.hostile import hostile_evening
from tests.unit.report.printing import printed


def with_figures(**figures: Figure) -> RunRecord:
    """A made evening with these figures only; `__` stands for a dot in their names."""
    named = {name.replace("__", "."): figure for name, figure in figures.items()}
    return msgspec.structs.replace(evening(), figures=named, expectations=())


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_every_figure_that_happened_is_shown_when_the_terminal_is_wide() -> None:
    record = evening()
    text = printed(summary(record), width=160)
    for figure in record.figures.values():
        if figure.value:
            assert short_text(figure.value, figure.unit) in text


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize(
    "record", [evening(failed=True), hostile_evening()], ids=["made", "hostile"]
)
def test_no_line_is_wider_than_the_terminal(record: RunRecord, width: int) -> None:
    lines = printed(summary(record), width=width).splitlines()
    assert max(cell_len(line) for line in lines) <= width


def test_the_names_of_all_columns_shown_stand_below_their_table() -> None:
    text = " ".join(printed(summary(evening())).split())
    assert "unavailable.<priority>.{max_pods,max_seconds}" in text
    assert "ready.<application>.{p50_seconds,p90_seconds,max_seconds}" in text
    assert "nodes.max.<lifecycle> cost.<lifecycle>_usd" in text


def test_what_a_narrow_terminal_leaves_out_is_named() -> None:
    name = "a-rather-long-application"
    units: dict[str, Unit] = {
        f"hpa.{name}.max_replicas": "pods",
        f"hpa.{name}.rescales": "count",
        f"unavailable.app.{name}.max_pods": "pods",
        f"unavailable.app.{name}.max_seconds": "seconds",
        f"ready.{name}.p50_seconds": "seconds",
    }
    figures = {key: Figure(1.0, unit, "") for key, unit in units.items()}
    record = msgspec.structs.replace(evening(), figures=figures, expectations=())
    narrow = printed(summary(record), width=50)
    assert "in a wider terminal: hpa.<application>.rescales" in " ".join(narrow.split())
    assert "rescales" not in narrow.split("names:")[0]
    wide = printed(summary(record), width=80)
    assert "in a wider terminal" not in wide
    assert "rescales" in wide.split("names:")[0]


def test_rows_in_which_nothing_happened_share_a_line() -> None:
    text = printed(
        summary(
            with_figures(
                unavailable__app__web__max_pods=Figure(3.0, "pods", ""),
                unavailable__app__idle__max_pods=Figure(0.0, "pods", ""),
                ready__idle__max_seconds=Figure(None, "seconds", ""),
                cpu__reserved_not_used__idle__mean_percent=Figure(45.0, "percent", ""),
                unavailable__app__still__max_pods=Figure(0.0, "pods", ""),
            )
        )
    )
    assert "nothing happened to: idle, still\n" in text
    assert not any(line.startswith(("idle", "still")) for line in text.splitlines())
    assert line_of(text, "web").split() == ["web", "3"]


def test_a_figure_no_table_knows_is_listed_with_its_unit_under_other() -> None:
    text = printed(
        summary(
            with_figures(
                weather__rain=Figure(2.5, "cores", "rain"),
                weather__pods=Figure(7.0, "pods", "wet pods"),
                weather__sun=Figure(0.0, "count", "sun"),
            )
        )
    )
    other = [line.split() for line in text[text.index("Other") :].splitlines()]
    assert ["2.5", "cores", "weather.rain", "rain"] in other
    assert ["7", "pods", "weather.pods", "wet", "pods"] in other
    assert "zero or never: weather.sun" in text


def test_a_name_of_a_table_in_another_unit_is_not_lost() -> None:
    text = printed(summary(with_figures(pending__high__max_seconds=Figure(4.0, "nodes", "odd"))))
    assert line_of(text, "4 nodes").split() == ["4", "nodes", "pending.high.max_seconds", "odd"]


def test_the_worst_of_a_column_is_marked_without_colour() -> None:
    record = with_figures(
        pending__high__max_seconds=Figure(15.3, "seconds", ""),
        pending__low__max_seconds=Figure(133.0, "seconds", ""),
    )
    text = printed(summary(record))
    assert line_of(text, "high").split() == ["high", "15.3s"]
    assert line_of(text, "low").split() == ["low", "▲2m13s"]
    assert "\x1b[1;33m▲2m13s\x1b[0m" in printed(summary(record), styled=True)


def test_the_figure_of_an_unmet_expectation_is_marked_where_it_stands() -> None:
    figures = {
        "pending.high.max_seconds": Figure(15.3, "seconds", ""),
        "pending.low.max_seconds": Figure(0.0, "seconds", ""),
        "events": Figure(0.0, "count", "marks"),
    }
    results = tuple(
        ExpectationResult(f"{name} > 99", name, figure.value, False)
        for name, figure in figures.items()
    )
    record = msgspec.structs.replace(evening(), figures=figures, expectations=results)
    text = printed(summary(record))
    assert line_of(text, "high").split() == ["high", "✗15.3s"]
    assert line_of(text, "low").split() == ["low", "✗0s"]
    assert line_of(text, "✗0").split() == ["✗0", "events", "marks"]


def test_an_unmet_expectation_names_both_figures_and_comes_first() -> None:
    text = printed(summary(evening(failed=True)))
    assert "✗ 1 of 3 expectations not met" in text
    unmet = next(line for line in text.splitlines() if "✗ not met" in line)
    assert "unavailable.high.max_seconds <= 15" in unmet
    assert "was 55 s" in unmet
    assert text.index("✗ not met") < text.index("✓ met")


def test_a_figure_that_never_arose_is_said_in_words() -> None:
    assert "never happened" in printed(summary(evening())).split("expectations met")[1]


def test_judged_latencies_are_counted_not_listed() -> None:
    notes = ("Judged, not measured, are the latencies node.boot, node.gone.", "Mind the gap.")
    text = printed(summary(msgspec.structs.replace(evening(), notes=notes)))
    assert "– 2 latencies are judged, not measured (report.html lists them)" in text
    assert "node.boot" not in text
    assert "– Mind the gap." in text


def test_many_and_long_notes_leave_room_for_the_figures() -> None:
    notes = ("words " * 100, *(f"note {number}" for number in range(20)))
    text = printed(summary(msgspec.structs.replace(evening(), notes=notes)))
    assert "words …" in text
    assert "– 16 more notes are in report.html" in text
    assert "note 15" not in text


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


def test_units_are_known_to_the_list() -> None:
    for unit, label in UNIT_LABELS.items():
        text = printed(summary(with_figures(weather__rain=Figure(7.0, unit, "rain"))))
        value = line_of(text.replace("   ", ""), "7").split("weather.rain")[0]
        assert label in value
