"""How a process begins: the first answer of the cluster, and the end of the first pass."""

from __future__ import annotations

import resource
import sys
import time

import httpx2

from kingtide.live.kubernetes.failures import LiveFailure, refusal
from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.metrics import Metrics


class NotReached(LiveFailure):
    """The cluster does not answer."""


class NoPass(LiveFailure):
    """One pass was asked for, and none could be made."""


async def first_answer(client: httpx2.AsyncClient) -> None:
    """Have the cluster say something, so that who is not let in is told at once.

    Raises:
        NotConnectable: there are no credentials.
        ApiRefused: it does not take them.
        NotReached: it does not answer.
    """
    try:
        response = await client.get("/version")
    except httpx2.HTTPError as error:
        why = str(error) or type(error).__name__
        raise NotReached(f"{client.base_url} does not answer ({why})") from error
    if response.status_code != 200:
        raise refusal(response.status_code, response.content, response.headers)


class FirstPass:
    """Tells when the first pass has ended, and what it took; `began` is monotonic."""

    def __init__(self, metrics: Metrics, log: DecisionLog, began: float) -> None:
        self._metrics = metrics
        self._log = log
        self._began = began
        self._is_told = False

    def ended(self) -> None:
        """Take the end of a pass; the first is told."""
        if self._is_told:
            return
        self._is_told = True
        seconds = time.monotonic() - self._began
        self._metrics.first_pass(seconds)
        self._log.note(f"first pass after {seconds:.2f} s", peak_memory_megabytes=_peak_megabytes())


def _peak_megabytes() -> int:
    """Return the most memory that this process had resident."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux tells kibibytes, macOS bytes (getrusage(2) of each).
    return peak // 1_000_000 if sys.platform == "darwin" else peak * 1024 // 1_000_000
