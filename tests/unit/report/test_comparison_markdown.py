from __future__ import annotations

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
        ROW.__class__(
            **{
                **{name: getattr(ROW, name) for name in ROW.__struct_fields__},
                "variants": {"plain": spread([45, 50]), "hot": spread([45, 50])},
                "source": "said so",
            }
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
    assert "| node.boot (30 s) | row | 40s | 45s | 1m00s |".replace("1m00s", "60s") in lines
    assert "Tried, and moved no figure by more than its resolution: demand." in lines


def test_names_cannot_break_the_page() -> None:
    assert markdown(OUTCOME).startswith("### A \\| title &lt;b>\n")


def test_the_terminal_shows_every_column_within_eighty() -> None:
    console = Console(width=80, record=True, force_terminal=False)
    console.print(comparison(OUTCOME))
    text = console.export_text()
    for part in ("published", "plain", "hot", "off by", "agrees", "same", "node.boot", "skipped"):
        assert part in text
    assert "…" not in text
