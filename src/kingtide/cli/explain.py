"""`kingtide explain`: why a controller decided so, or why a cluster's setting is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode

WINDOW = "60s"


class Asked(NamedTuple):
    """Which decisions are to be explained, and how they are printed."""

    folder: Path
    controller: str | None
    subject: str | None
    json: bool


def explain(
    subject_of: Annotated[str, Parameter(name="FOLDER|CLUSTER")],
    path: str | None = None,
    /,
    *,
    at: str | None = None,
    controller: str | None = None,
    window: str | None = None,
    subject: str | None = None,
    follow: Annotated[bool, Parameter(negative="")] = False,
    fleet: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Tell why controllers decided so, or which line set a value.

    `kingtide explain FOLDER --at TIME` tells what controllers saw, chose and refused around a time
    of a rehearsal, or of a process that runs or ran: its folder is runs/CLUSTER, its times are UTC.
    `kingtide explain CLUSTER PATH` tells which file and line of a fleet set a value
    of a cluster and what that overrode, layer by layer: cluster over class over stage over fleet.
    For a map it tells the source of every value below it, and the defaults of what nobody wrote.

    Args:
        subject_of: A folder that `kingtide rehearse` or `kingtide run` wrote, or the name of a
            cluster.
        path: Of a cluster: a field, as nodeGroups.api.spot or zones[0]; spec for all of them.
        at: Of a folder: the local time, as 20:52:10; in a journal of days the last one, or a date.
        controller: Of a folder: only this controller, as node-autoscaling.
        window: Of a folder: the stretch of time around it, half before and half after (60s).
        subject: Of a folder: only what concerns this node, group or pod, as node/i-0123 or just
            i-0123.
        follow: Of a folder: tell what is decided from now on, until Ctrl-C.
        fleet: Of a cluster: the fleet's folder, instead of the current one.
        json: Print JSON: decisions as the lines of decisions.jsonl, a value as one object.
    """
    if path is None:
        asked = Asked(Path(subject_of), controller, subject, json)
        return _follow(asked, at, window, fleet) if follow else _around(asked, at, window, fleet)
    of_folder = {"--controller": controller, "--window": window, "--subject": subject}
    of_folder |= {"--at": at, "--follow": "" if follow else None}
    _refuse(of_folder, f"it is of decisions; leave it or {path} out")
    from kingtide.cli.explained_value import explain_in_fleet

    return explain_in_fleet(fleet or Path(), subject_of, path, json=json)


def _follow(asked: Asked, at: str | None, window: str | None, fleet: Path | None) -> ExitCode:
    _refuse({"--at": at, "--window": window, "--fleet": fleet}, "leave it or --follow out")
    from kingtide.cli.followed_decisions import follow_decisions

    folder, controller, subject, json = asked
    return follow_decisions(folder, controller=controller, subject=subject, json=json)


def _around(asked: Asked, at: str | None, window: str | None, fleet: Path | None) -> ExitCode:
    folder, controller, subject, json = asked
    if at is None:
        raise BadInput(
            f"what of {folder} is to be explained?",
            hint="name the field of a cluster (PATH), or the time of a decision (--at)",
        )
    _refuse({"--fleet": fleet}, "it is of clusters; name a field, and leave --at out")
    from kingtide.cli.explained_decisions import explain_decisions

    return explain_decisions(
        folder, at=at, controller=controller, window=window or WINDOW, subject=subject, json=json
    )


def _refuse(options: Mapping[str, object], hint: str) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise BadInput(f"{', '.join(given)} cannot be used here", hint=hint)
