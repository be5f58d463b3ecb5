"""What a rehearsal makes of a plan: one night with both fleets, and the figures that differ."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kingtide.cli.failure import BadInput
from kingtide.cli.plan_sides import Side
from kingtide.cli.progress import runs_shown
from kingtide.compile.plan.model import FigureChange, Rehearsed
from kingtide.files.writing import write_file
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.collection import scenario_files
from kingtide.rehearsal.prepare import Prepared, prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.scenario.read import Options
from kingtide.report.figures import value_text


def rehearsed(before: Side, after: Side, path: Path, seed: int | None) -> tuple[Rehearsed, ...]:
    """Return the figures in which the two fleets differ, for every scenario of a path.

    Raises:
        BadInput: a scenario or one of the fleets cannot be rehearsed.
    """
    with _folder_of(before) as old, _folder_of(after) as new:
        try:
            pairs = [
                (_prepared(file, old, seed), _prepared(file, new, seed))
                for file in scenario_files(path)
            ]
        except Mistakes as error:
            told = str(error)
            for side, folder in ((before, old), (after, new)):
                if side.folder is None:  # a folder of our own, gone by now
                    told = told.replace(str(folder), side.state.said_by)
            raise BadInput("the change cannot be rehearsed", details=told.splitlines()) from error
        with runs_shown("rehearse", 2 * len(pairs), "runs", quiet=False) as progress:
            found = []
            for one, other in pairs:
                records = _run(one), _run(other)
                progress(2)
                found.append(_compared(*records))
    return tuple(found)


@contextmanager
def _folder_of(side: Side) -> Iterator[Path]:
    if side.folder is not None:
        yield side.folder.absolute()
        return
    if side.files is None:
        raise BadInput(
            f"{side.state.said_by} cannot be rehearsed: it is not the files of a fleet",
            hint="--rehearse goes with --against a fleet's folder or git:REVISION",
        )
    with tempfile.TemporaryDirectory(prefix="kingtide-fleet-") as made:
        for name, content in side.files.items():
            write_file(Path(made) / name, content)
        yield Path(made)


def _prepared(file: Path, fleet: Path, seed: int | None) -> Prepared:
    # JSON's quotes are YAML's: a folder's name may hold anything.
    quoted = str(fleet).replace("\\", "\\\\").replace('"', '\\"')
    return prepare(file, Options(seed=seed, settings=(f'fleet="{quoted}"',)))


def _run(prepared: Prepared) -> RunRecord:
    from kingtide.rehearsal.run import Run

    return Run(prepared).record()


def _compared(before: RunRecord, after: RunRecord) -> Rehearsed:
    changes = []
    for name in dict.fromkeys((*before.figures, *after.figures)):
        old, new = before.figures.get(name), after.figures.get(name)
        found = old or new
        if found is None or (old is not None and new is not None and old.value == new.value):
            continue
        texts = [value_text(it.value, it.unit) if it is not None else "-" for it in (old, new)]
        changes.append(FigureChange(name, found.title, *texts))
    return Rehearsed(after.name, after.seed, tuple(changes))
