"""`kingtide explain`: why a controller decided so, or why a cluster's setting is what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode

WINDOW = "60s"


def explain(
    subject_of: Annotated[str, Parameter(name="FOLDER|CLUSTER")],
    path: str | None = None,
    /,
    *,
    at: str | None = None,
    controller: str | None = None,
    window: str | None = None,
    subject: str | None = None,
    fleet: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Tell why controllers decided so in a rehearsal, or which line set a value.

    `kingtide explain FOLDER --at TIME` tells what controllers saw, chose and refused around a time
    of a rehearsal. `kingtide explain CLUSTER PATH` tells which file and line of a fleet set a value
    of a cluster and what that overrode, layer by layer: cluster over class over stage over fleet.
    For a map it tells the source of every value below it, and the defaults of what nobody wrote.

    Args:
        subject_of: A folder that `kingtide rehearse` wrote, or the name of a cluster.
        path: Of a cluster: a field, as nodeGroups.api.spot or zones[0]; spec for all of them.
        at: Of a rehearsal: the local time, as 20:52:10.
        controller: Of a rehearsal: only this controller, as node_autoscaling.
        window: Of a rehearsal: the stretch of time around it, half before and half after (60s).
        subject: Of a rehearsal: only what concerns this node, group or pod, as node/i-0123 or just
            i-0123.
        fleet: Of a cluster: the fleet's folder, instead of the current one.
        json: Print JSON: decisions as the lines of decisions.jsonl, a value as one object.
    """
    of_rehearsal = {"--controller": controller, "--window": window, "--subject": subject}
    if path is None:
        if at is None:
            raise BadInput(
                f"what of {subject_of} is to be explained?",
                hint="name the field of a cluster (PATH), or the time of a rehearsal (--at)",
            )
        _refuse({"--fleet": fleet}, "it is of clusters; name a field, and leave --at out")
        from kingtide.cli.explained_decisions import explain_decisions

        return explain_decisions(
            Path(subject_of),
            at=at,
            controller=controller,
            window=WINDOW if window is None else window,
            subject=subject,
            json=json,
        )
    _refuse({"--at": at, **of_rehearsal}, f"it is of rehearsals; leave it or {path} out")
    from kingtide.cli.explained_value import explain_in_fleet

    return explain_in_fleet(fleet or Path(), subject_of, path, json=json)


def _refuse(options: dict[str, object], hint: str) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise BadInput(f"{', '.join(given)} cannot be used here", hint=hint)
