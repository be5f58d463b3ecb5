"""Says which controllers a scenario sets otherwise than the fleet's files, which others go by."""

from __future__ import annotations

from collections.abc import Container

from kingtide.rehearsal.prepare import Prepared
from kingtide.roster.registry import CONTROLLERS
from kingtide.roster.settings import cluster_runs


def set_otherwise(prepared: Prepared, kept: Container[str]) -> tuple[str, ...]:
    """Return the names of controllers that are handed over and that the scenario sets otherwise.

    `kept` are the keys of those that are not handed over. A process that runs the others reads the
    fleet's files and knows nothing of the scenario.
    """
    files = cluster_runs(prepared.scenario.cluster)
    runs = prepared.definition.controllers
    keys = dict.fromkeys(it.key for it in (*runs, *files) if it.key not in kept)
    return tuple(
        CONTROLLERS[key].controller.name
        for key in keys
        if [it for it in runs if it.key == key] != [it for it in files if it.key == key]
    )
