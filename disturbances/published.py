"""`python -m disturbances.published [FILE...]`: keep results and write the tables of the docs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from disturbances.report import Result
from disturbances.rules.catalogue import RULES

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "concepts" / "late-actions.md"
PLAYED = ROOT / "disturbances" / "played"
COLUMNS = (
    "seed",
    "minutes",
    "disturbances",
    "processes",
    "ended by the alarm",
    "terms",
    "connections cut",
    "writes",
    "of them decisions",
    "refused",
    "untold",
    "most nodes",
    "violations",
)


def kept() -> tuple[Result, ...]:
    """Return the results that are kept, by seed."""
    files = PLAYED.glob("*.json")
    found = (msgspec.json.decode(file.read_bytes(), type=Result) for file in files)
    return tuple(sorted(found, key=lambda it: it.seed))


def rules_table() -> str:
    """Return the rules as a table."""
    rows = [f"| `{rule.name}` | {rule.sentence} |" for rule in RULES]
    return "\n".join(["| rule | what it says |", "|---|---|", *rows])


def results_table(results: Iterable[Result]) -> str:
    """Return results as a table."""
    rows = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for it in results:
        kinds = ", ".join(f"{name} {number}" for name, number in it.disturbances.items())
        values = (
            it.seed,
            f"{it.minutes:g}",
            kinds,
            it.processes,
            it.alarms,
            it.terms,
            it.connections_cut,
            it.writes,
            sum(it.decisions.values()),
            it.refused,
            it.untold_of_killed,
            f"{it.most_nodes} of {it.allowed_nodes}",
            len(it.violations),
        )
        rows.append(f"| {' | '.join(str(value) for value in values)} |")
    return "\n".join(rows)


def published(page: str) -> str:
    """Return a page with its tables as they are now."""
    for name, table in (("rules", rules_table()), ("disturbed", results_table(kept()))):
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{table}\n{end}{after}"
    return page


def main(files: list[str]) -> None:
    """Keep results of evenings, and bring the page up to date."""
    PLAYED.mkdir(exist_ok=True)
    for name in files:
        result = msgspec.json.decode(Path(name).read_bytes(), type=Result)
        text = msgspec.json.format(msgspec.json.encode(result)) + b"\n"
        (PLAYED / f"seed-{result.seed}.json").write_bytes(text)
    PAGE.write_text(published(PAGE.read_text()))


if __name__ == "__main__":
    main(sys.argv[1:])
