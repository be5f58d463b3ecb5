from __future__ import annotations

import msgspec
import pytest
from rich.cells import cell_len

from kingtide.rehearsal.record import Figure, RunRecord
from kingtide.report.table_side_by_side import compare
from tests.unit.report.evening import evening
from tests.unit.report.hostile import hostile_evening
from tests.unit.report.printing import printed


def with_wait(seconds: float | None, name: str = "night") -> RunRecord:
    figures = {"node_wait.max_seconds": Figure(seconds, "seconds", "")}
    return msgspec.structs.replace(evening(), name=name, figures=figures, expectations=())


def line_of(text: str, start: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(start)).split()


def test_records_stand_side_by_side() -> None:
    one, other = evening(), evening(seed=7, failed=True)
    text = printed(compare(one, other))
    assert line_of(text, "nodes.max.spot") == ["nodes.max.spot", "122", "105"]
    assert line_of(text, "expectations") == [
        "expectations",
        "✓",
        "3",
        "of",
        "3",
        "met",
        "✗",
        "2",
        "of",
        "3",
        "met",
    ]
    assert ["seed", "42", "seed", "7"] in [line.split() for line in text.splitlines()]


def test_a_figure_that_one_record_lacks_is_blank_there() -> None:
    one = evening()
    fewer = {k: f for k, f in one.figures.items() if not k.startswith("scheduling")}
    text = printed(compare(msgspec.structs.replace(one, figures=fewer), one))
    assert line_of(text, "scheduling.preemptions") == ["scheduling.preemptions", "12"]


@pytest.mark.parametrize(
    ("seconds", "row"),
    [
        ((15.0, 30.0), ["15s", "▲30s"]),
        ((30.02, 15.0, 30.04), ["▲30.0s", "15s", "▲30.0s"]),
        ((None, 30.0), ["–", "▲30s"]),
        ((0.0, 30.0), ["0s", "▲30s"]),
    ],
    ids=str,
)
def test_the_worst_of_the_runs_is_marked(seconds: tuple[float | None, ...], row: list[str]) -> None:
    text = printed(compare(*map(with_wait, seconds)))
    assert line_of(text, "node_wait.max_seconds")[1:] == row


def test_what_reads_the_same_in_all_shares_a_line() -> None:
    text = printed(compare(with_wait(30.02), with_wait(30.04)))
    assert "the same in all: node_wait.max_seconds 30.0s\n" in text
    assert not any(line.startswith("node_wait") for line in text.splitlines())


@pytest.mark.parametrize("seconds", [(0.0, 0.0), (None, 0.0), (None, None)], ids=str)
def test_what_never_happened_shares_a_line(seconds: tuple[float | None, float | None]) -> None:
    text = printed(compare(*map(with_wait, seconds)))
    assert "zero or never in all: node_wait.max_seconds\n" in text


def test_runs_that_do_not_fit_go_on_in_a_further_table() -> None:
    records = [with_wait(float(number), f"night-{number}") for number in range(1, 10)]
    text = printed(compare(*records))
    heads = [name for line in text.splitlines() for name in line.split() if "night-" in name]
    assert heads == [record.name for record in records]
    rows = [line.split() for line in text.splitlines() if line.startswith("node_wait")]
    assert len(rows) > 1
    assert [value for row in rows for value in row[1:]] == [
        *(f"{number}s" for number in range(1, 9)),
        "▲9s",
    ]


def test_a_further_table_leaves_out_what_none_of_its_runs_has() -> None:
    records = [with_wait(float(number), f"night-{number}") for number in range(1, 20)]
    figures = {**records[0].figures, "events": Figure(4.0, "count", "")}
    first = msgspec.structs.replace(records[0], figures=figures)
    text = printed(compare(first, *records[1:]))
    rows = [line.split() for line in text.splitlines()]
    assert len([row for row in rows if row[:1] == ["node_wait.max_seconds"]]) > 1
    assert [row for row in rows if row[:1] == ["events"]] == [["events", "4"]]


def test_a_partial_run_says_so_in_its_head() -> None:
    text = printed(compare(evening(), evening(reached=0.5)))
    assert ["partial"] in [line.split() for line in text.splitlines()]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_whatever_the_names(width: int) -> None:
    text = printed(compare(evening(), hostile_evening(), evening(failed=True)), width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "\x1b" not in text
