"""`kingtide explain CLUSTER PATH`: which file and line set a value, and what that overrode."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from kingtide.cli.failure import BadInput, ExitCode
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import path_text
from kingtide.fleet.provenance.explanation import (
    Explained,
    NoSuchField,
    Said,
    Sources,
    explain_value,
)
from kingtide.fleet.provenance.written_path import NoPath, parse_path
from kingtide.report.value_sources import told


def explain_in_fleet(folder: Path, cluster: str, path: str, *, json: bool) -> ExitCode:
    """Print where a value of a fleet's cluster comes from.

    Raises:
        BadInput: the fleet has mistakes, or no such cluster or field.
    """
    try:
        fleet = read_fleet_folder(folder)
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake in the fleet" if count == 1 else f"{count} mistakes in the fleet"
        raise BadInput(what, details=str(error).splitlines()) from error
    if cluster not in fleet.clusters:
        raise BadInput(
            f"the fleet in {folder} has no cluster {cluster!r}",
            hint=did_you_mean(cluster, fleet.clusters, what="clusters"),
        )
    try:
        found = explain_value(fleet.clusters[cluster], parse_path(path))
    except (NoPath, NoSuchField) as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(wrong, hint=hint or None) from error
    if json:
        text = msgspec.json.format(msgspec.json.encode(_document(found)), indent=2)
        sys.stdout.write(text.decode() + "\n")
    else:
        sys.stdout.write(told(found))
    return ExitCode.YES


def _document(found: Explained) -> dict[str, Any]:
    return {
        "cluster": found.cluster,
        "path": path_text(found.path),
        "text": found.text,
        "values": [_sources(it) for it in found.values],
        "removedBy": None if found.removed is None else [_said(it) for it in found.removed.said],
        "default": None if found.default is None else found.default.shown or None,
        "unsaid": [
            {"path": path_text(path), "default": it.shown or None, "text": it.text}
            for path, it in found.unsaid
        ],
    }


def _sources(it: Sources) -> dict[str, Any]:
    first, *overridden = it.said
    return {
        "path": path_text(it.path),
        "value": it.value,
        "setBy": _said(first),
        "overrode": [_said(said) for said in overridden],
    }


def _said(it: Said) -> dict[str, Any]:
    return {
        "layer": it.said_by,
        "file": it.place.file,
        "line": it.place.line,
        "column": it.place.column,
        "how": it.how,
        "value": it.value,
    }
