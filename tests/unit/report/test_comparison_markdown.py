from __future__ import annotations

import io
from decimal import Decimal

import msgspec
import pytest
from rich.console import Console

from kingtide.rehearsal.comparison.outcome import Moved, Outcome, TryOutcome
from kingtide.rehearsal.comparison.plan import Skipped
from kingtide.rehearsal.comparison.ranks import spread
from kingtide.report.comparison import comparison
from kingtide.report.comparison_markdown import NoMarkers, insert, markdown, markers
from tests.unit.report.test_comparison_text import ROW

BEGIN, END = markers("small")
OUTCOME = Outcome(
    name="small",
    title="A | title <b>",
    reference="plain",
    variants=("plain", "hot"),
    rows=(
        msgspec.structs.replace(
            ROW, variants={"plain": spread([45, 50]), "hot": spread([45, 50])}, source="said so"
        ),
    ),
    skipped=(Skipped("gone", "no data", "data.csv is not on this machine"),),
    differences={"a.yaml": ("duration: 1h",), "b.yaml": ()},
    tries=(
        TryOutcome(
            "node.boot", "30 s", "judged", True, (Moved("row", "a row", "seconds", 40, 45, 60),)
        ),
        TryOutcome("demand", "the demand", None, False, ()),
    ),
    tries_seeds=3,
    runs=12,
)


def test_tables_take_the_place_between_the_markers_and_nothing_else_changes() -> None:
    document = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    once = insert(document, "small", "new")
    assert once == f"above\n{BEGIN}\n\nnew\n{END}\nbelow\n"
    assert insert(once, "small", "new") == once


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("nothing", id="none"),
        pytest.param(f"{BEGIN}\n", id="no end"),
        pytest.param(f"{END}\n{BEGIN}\n", id="the end first"),
        pytest.param(f"{BEGIN}\n{BEGIN}\n{END}\n", id="two beginnings"),
        pytest.param(f"{BEGIN}\n{END}\n{END}\n", id="two ends"),
    ],
)
def test_a_document_without_its_place_is_refused(document: str) -> None:
    with pytest.raises(NoMarkers, match="needs the line"):
        insert(document, "small", "new")


def test_every_part_is_told() -> None:
    lines = markdown(OUTCOME).splitlines()
    assert "| row | a row | 45 s | 45s (50s) | 45s (50s) | agrees |" in lines
    assert "- Skipped gone (no data): data.csv is not on this machine." in lines
    assert "- **row**: `events`, p50 of 2 seeds, `a.yaml`. Said so." in lines
    assert "- `a.yaml`: `duration: 1h`" in lines
    assert "- `b.yaml`: nothing" in lines
    assert "| node.boot (30 s) | row | 40s | 45s | 60s |" in lines
    assert "Tried, and moved no figure by more than its resolution: demand." in lines


def test_names_cannot_break_the_page() -> None:
    assert markdown(OUTCOME).startswith("### A \\| title &lt;b>\n")


def shown(outcome: Outcome, columns: int = 80) -> str:
    console = Console(width=columns, record=True, file=io.StringIO())
    console.print(comparison(outcome))
    return console.export_text()


def test_the_terminal_shows_every_part() -> None:
    text = shown(OUTCOME)
    for part in ("published", "plain", "hot", "off by", "agrees", "same", "node.boot", "skipped"):
        assert part in text


def test_three_variants_of_long_waits_fit_into_eighty_columns() -> None:
    variants = {
        "timeout": spread([1_381, 6_360, None]),
        "placeholders": spread([848, 2_466]),
        "activities": spread([237, 319]),
    }
    row = msgspec.structs.replace(
        OUTCOME.rows[0],
        name="5a-one-of-twelve-with-a-long-name",
        title="twelve spot groups, one with capacity: until a node is there",
        published="hundreds (569 in the graph)",
        off_by=Decimal(721),
        variants=variants,
    )
    text = shown(
        msgspec.structs.replace(OUTCOME, rows=(row,), variants=tuple(variants), reference="timeout")
    )
    for part in ("timeout", "placeholders", "activities", "off by", "1h46m", "(41m06s)", "+12m01s"):
        assert part in text
    assert "…" not in text


def wide(columns: int) -> str:
    row = msgspec.structs.replace(
        OUTCOME.rows[0],
        name="8-reserved-not-used-most",
        unit="core_seconds",
        off_by=Decimal("711.25"),
        published="about 40 % (43 % in the graph)",
        variants={name: spread([4_919_123, 5_812_456]) for name in ("timeout", "activities")},
    )
    found = msgspec.structs.replace(
        OUTCOME,
        rows=(row,),
        variants=tuple(row.variants),
        reference="timeout",
        tries=(
            TryOutcome(
                "node.register",
                "30 to 110 s, 60 s in the middle, judged",
                None,
                True,
                (Moved("8-reserved-not-used-most", "", "seconds", 1_352, 1_402, 1_461),),
            ),
        ),
    )
    return shown(found, columns)


@pytest.mark.parametrize("columns", [60, 72, 80, 100, 120, 200])
def test_no_figure_and_no_name_of_a_row_is_cut_or_broken(columns: int) -> None:
    text = wide(columns)
    whole = ("8-reserved-not-used-most", "4,919,123 core-s", "5,812,456 core-s", "+711 core-s")
    for part in (*whole, "off by", "22m32s", "23m22s", "24m21s"):
        assert part in text
    assert text.count("8-reserved-not-used-most") == 2
    assert "…" not in text


def test_variants_are_side_by_side_where_they_fit_and_below_the_title_where_not() -> None:
    def beside(text: str) -> bool:
        return any("timeout" in line and "activities" in line for line in text.splitlines())

    assert beside(wide(120))
    assert not beside(wide(60))
