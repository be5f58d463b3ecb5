"""`python -m benchmarks.game_days`: write the tables of docs/concepts/invariants.md.

`--record FILE` first keeps what `kingtide gameday --out DIR` wrote as DIR/gameday.json: in
benchmarks/game_days/, a few lines a game day, with the date and the commit it was played at.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import msgspec
from whenever import Instant

from benchmarks.planted import planted
from kingtide.rehearsal.gameday import reference
from kingtide.rehearsal.gameday.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "concepts" / "invariants.md"
RECORDS = ROOT / "benchmarks" / "game_days"


class Played(msgspec.Struct, frozen=True):
    """What is kept of a game day: `reached` counts seeds, `failed` are commands that replay."""

    name: str
    path: str
    first_seed: int
    seeds: int
    date: str
    commit: str
    reached: dict[str, int]
    failed: tuple[str, ...]


def played(outcome: Outcome, date: str, commit: str) -> Played:
    """Return what is kept of an outcome."""
    return Played(
        name=outcome.name,
        path=outcome.path,
        first_seed=outcome.first_seed,
        seeds=len(outcome.seeds),
        date=date,
        commit=commit,
        reached={it.name: it.seeds for it in outcome.conditions},
        failed=tuple(
            f"{outcome.replay(seed)} ({', '.join(seed.failures)})" for seed in outcome.failed
        ),
    )


def as_markdown(records: list[Played]) -> str:
    """Return what was played as a table, and each failure with the command that shows it."""
    lines = [
        "| game day | seeds | date | commit | failed | seeds that reached each condition |",
        "|---|---|---|---|---|---|",
    ]
    for it in records:
        last = it.first_seed + it.seeds - 1
        reached = ", ".join(f"{name} {seeds}" for name, seeds in it.reached.items())
        lines.append(
            f"| `{it.path}` | {it.first_seed} to {last} | {it.date} | {it.commit} |"
            f" {len(it.failed)} | {reached} |"
        )
    failed = [
        f"- `{line.partition(' (')[0]}` ({line.partition(' (')[2]}"
        for it in records
        for line in it.failed
    ]
    return "\n".join([*lines, "", *failed] if failed else lines)


def kept() -> list[Played]:
    """Return the game days that are kept, by name."""
    paths = sorted(RECORDS.glob("*.json"))
    return [msgspec.json.decode(path.read_bytes(), type=Played) for path in paths]


def tables() -> dict[str, str]:
    """Return the page's generated blocks by name."""
    return {
        "invariants": reference.invariants(),
        "conditions": reference.conditions(),
        "planted": planted(),
        "played": as_markdown(kept()),
        "faults": reference.faults(),
    }


def written(page: str) -> str:
    """Return a page with its blocks as they should be.

    Raises:
        ValueError: the page has no place for a block.
    """
    for name, table in tables().items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        head, found, rest = page.partition(begin)
        _, ends, tail = rest.partition(end)
        if not found or not ends:
            raise ValueError(f"there is no {begin.strip()} with {end} after it")
        page = f"{head}{begin}{table}\n{end}{tail}"
    return page


def record(path: Path, commit: str) -> None:
    """Keep a game day under its name; without a commit, it was played at the present one."""
    outcome = msgspec.json.decode(path.read_bytes(), type=Outcome)
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    head = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    date = str(Instant.now().to_tz("UTC").date())
    RECORDS.mkdir(exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(played(outcome, date, commit or head)))
    (RECORDS / f"{outcome.name}.json").write_bytes(text + b"\n")


def main(arguments: list[str]) -> int:
    """Keep what is to be kept, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.game_days", description=__doc__)
    parser.add_argument("--record", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--commit", default="", help="the commit it was played at; HEAD otherwise")
    chosen = parser.parse_args(arguments)
    for path in chosen.record:
        record(path, chosen.commit)
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
