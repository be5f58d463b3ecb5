"""`kingtide compile`: a fleet's files become what is put on its clusters."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath
from typing import Annotated

from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.compile.compilation import compile_clusters
from kingtide.compile.compiled_cluster import HEADER, CompiledCluster
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.files.rendered import Differences, bring_up_to_date, differences
from kingtide.files.writing import NotWritable
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.repository import FleetRepository


def compile(  # noqa: A001 (a command's function has its name)
    folder: Path = Path(),
    /,
    *,
    out: Path | None = None,
    cluster: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    check: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Write what a fleet's clusters consist of: kops documents, Kubernetes objects, Helm values.

    The same fleet gives the same bytes, so that the files can be kept in git and reviewed. Files
    that were written before and belong to no cluster or tool any more are taken away.

    Args:
        folder: The fleet's folder.
        out: Where to write, `rendered` in the fleet's folder when absent.
        cluster: Only this cluster; may be repeated.
        check: Write nothing; end with 1 where a file is not up to date.
    """
    try:
        fleet = read_fleet_folder(folder)
        compiled = compile_clusters(fleet, _names(fleet, cluster))
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        raise BadInput(what, details=str(error).splitlines()) from error
    target = folder / "rendered" if out is None else out
    files = {path: text for one in compiled for path, text in one.files().items()}
    try:
        different = differences(target, files, HEADER.encode(), cluster or None)
        if not check:
            bring_up_to_date(target, files, different)
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder with --out") from error
    sys.stdout.write(_told(compiled, target, len(files), different, check=check))
    return ExitCode.NO if check and different else ExitCode.YES


def _names(fleet: FleetRepository, wanted: tuple[str, ...]) -> tuple[str, ...]:
    for name in wanted:
        if name not in fleet.clusters:
            raise BadInput(
                f"there is no cluster {name!r}",
                hint=did_you_mean(name, fleet.clusters, what="clusters"),
            )
    return tuple(dict.fromkeys(wanted)) or tuple(fleet.clusters)


def _told(
    compiled: tuple[CompiledCluster, ...],
    target: Path,
    total: int,
    different: Differences,
    *,
    check: bool,
) -> str:
    """Return a line for every file that differs, and one for all."""
    listed: list[tuple[str, tuple[PurePosixPath, ...]]] = [
        ("missing" if check else "written", different.missing),
        ("changed", different.changed),
        ("stale" if check else "removed", different.stale),
    ]
    lines = [f"{word:<8} {target / path}\n" for word, paths in listed for path in paths]
    same = total - len(different.missing) - len(different.changed)
    clusters = "1 cluster" if len(compiled) == 1 else f"{len(compiled)} clusters"
    documents = sum(len(it.kops) + len(it.objects) for it in compiled)
    state = "up to date" if check else "unchanged"
    lines.append(f"{clusters}, {documents} documents: {same} of {total} files {state}\n")
    return "".join(lines)
