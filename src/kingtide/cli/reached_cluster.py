"""The cluster that a command is to reach, and what is told where it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from cyclopts import Parameter

from kingtide.cli.failure import BadInput, Failure, Refused, RunFailed
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.failures import ApiRefused, LiveFailure
from kingtide.operate.running.beginning import NoPass, NotReached


@Parameter(name="*")
@dataclass(frozen=True)
class Reach:
    """How a cluster is reached, as options of a command; None leaves it to the environment."""

    kubeconfig: Path | None = None
    """The kubeconfig; otherwise $KUBECONFIG, the service account, ~/.kube/config."""
    context: str | None = None
    """The kubeconfig's context; its current one when absent."""
    aws_endpoint: str | None = None
    """The address of the twin's AWS API, or of an emulator."""


AS_CONFIGURED = Reach()


def connected(reach: Reach) -> httpx2.AsyncClient:
    """Return a client of the cluster's API, with which nothing was asked yet.

    Raises:
        BadInput: the kubeconfig or the address of AWS cannot be used.
    """
    if reach.aws_endpoint is not None and not _is_address(reach.aws_endpoint):
        hint = "write for example http://127.0.0.1:4566"
        raise BadInput(f"--aws-endpoint: {reach.aws_endpoint!r} is no address", hint=hint)
    try:
        return cluster_connection(reach.kubeconfig, reach.context)
    except LiveFailure as error:
        raise told(error) from error


def told(error: LiveFailure) -> Failure:
    """Return what ends a command that could not begin with its cluster, or make its one pass."""
    if isinstance(error, NoPass):
        return Refused(str(error))
    if isinstance(error, NotReached):
        return RunFailed(str(error), hint="see whether `kubectl version` reaches it from here")
    if isinstance(error, ApiRefused) and error.code == 401:
        return BadInput(
            f"the cluster does not take the credentials ({error})",
            hint="renew those of the kubeconfig's user, or name another --kubeconfig or --context",
        )
    return BadInput(str(error))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
