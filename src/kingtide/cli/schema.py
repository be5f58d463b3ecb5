"""`kingtide schema`: JSON Schema of every kind, for editors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.files.writing import NotWritable, write_files
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.schema.json_schema import instance_types_schema, kind_schema
from kingtide.fleet.schema.kinds import FLEET_KINDS, INSTANCE_TYPES
from kingtide.rehearsal.kinds import REHEARSAL_KINDS

KINDS = {**FLEET_KINDS, **REHEARSAL_KINDS}


def schema(
    kind: str | None = None, /, *, out: Annotated[Path | None, Parameter(name="--out")] = None
) -> ExitCode:
    """Print the JSON Schema of a kind of document, or write those of all kinds.

    Args:
        kind: The kind, as Cluster; InstanceTypes for lists of instance types. Without it the names
            of all kinds are printed, with the files that hold them.
        out: Write <kind>.schema.json into this folder instead, for all kinds unless one is named.
    """
    if kind is not None and kind not in (*KINDS, INSTANCE_TYPES):
        known = (*KINDS, INSTANCE_TYPES)
        raise BadInput(f"there is no kind {kind!r}", hint=did_you_mean(kind, known, what="kinds"))
    if out is not None:
        _write(out, (*KINDS, INSTANCE_TYPES) if kind is None else (kind,))
    elif kind is not None:
        sys.stdout.write(_encoded(kind).decode())
    else:
        files = {**{name: it.files for name, it in KINDS.items()}, INSTANCE_TYPES: _LISTS}
        for name, where in files.items():
            sys.stdout.write(f"{name:<14} {where}\n")
    return ExitCode.YES


_LISTS = "snippets/instance-types/*.yaml"


def _write(folder: Path, names: tuple[str, ...]) -> None:
    try:
        write_files(folder, {f"{name}.schema.json": _encoded(name) for name in names})
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder with --out") from error
    for name in names:
        sys.stdout.write(f"{folder / f'{name}.schema.json'}\n")


def _encoded(name: str) -> bytes:
    found: dict[str, Any] = (
        instance_types_schema() if name == INSTANCE_TYPES else kind_schema(name, KINDS[name])
    )
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
