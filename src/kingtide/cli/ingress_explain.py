"""`kingtide ingress explain HOST PATH`: from files, or from a cluster."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kingtide.cli.failure import ExitCode, RunFailed
from kingtide.cli.ingress_settings import Settings
from kingtide.cli.manifest_input import manifests_of
from kingtide.cli.mistaken import mistaken
from kingtide.cli.reached_cluster import Reach, connected, told
from kingtide.controllers.ingress.explaining.explanation import explain
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.controllers.ingress.written import gathered, kinds_read, written_view
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.live.kubernetes.failures import ApiRefused, LiveFailure
from kingtide.live.kubernetes.listing import listed
from kingtide.report.ingress_explanation import encode_explanation, explanation_lines


class Asked(msgspec.Struct, frozen=True):
    """A request: its Host header, its path without the query, and other headers."""

    host: str
    path: str
    headers: Mapping[str, str]


def explain_request(
    asked: Asked, files: tuple[Path, ...], settings: Settings, reach: Reach, *, as_json: bool
) -> ExitCode:
    """Explain a request, and end with no where no server would answer.

    Raises:
        BadInput: a file cannot be read, or there is no way to the cluster.
        RunFailed: the cluster cannot be asked.
    """
    findings = Findings()
    try:
        policy = settings.policy()
        if files:
            view = written_view(manifests_of(files, findings, command="ingress"), findings)
            findings.raise_if_any()
        else:
            view = _cluster_view(reach)
    except Mistakes as error:
        raise mistaken(error) from error
    found = explain(view, policy, asked.host, asked.path, asked.headers)
    if as_json:
        sys.stdout.write(encode_explanation(found).decode() + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in explanation_lines(found))
    return ExitCode.YES if found.is_answered else ExitCode.NO


def _cluster_view(reach: Reach) -> TrafficView:
    connection = connected(reach)

    async def read() -> list[Any]:
        found: list[Any] = []
        async with connection as client:
            for kind in kinds_read().values():
                objects, unreadable = await listed(client, kind)
                found += objects
                if unreadable:
                    told = f"{unreadable} {kind.plural} cannot be read and are left out"
                    sys.stderr.write(f"note: {told}\n")
        return found

    try:
        return gathered(asyncio.run(read()))
    except ApiRefused as error:
        raise told(error) from error
    except LiveFailure as error:
        hint = "see whether `kubectl version` reaches it from here, or name files after the path"
        raise RunFailed(str(error), hint=hint) from error
