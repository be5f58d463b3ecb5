"""Logs of a running process: one line a decision, as JSON or for people."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TextIO

import structlog

from kingtide.control.decision_entry import DecisionEntry
from kingtide.kube.wire.times import micro_time_text

Told = Callable[[DecisionEntry], Sequence[str]]
"""Returns a decision's sentences."""


def _timed(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Put this machine's time on lines that have none: decisions have the cluster's."""
    line.setdefault("timestamp", micro_time_text(time.time_ns() // 1_000_000))
    return line


class DecisionLog:
    """Writes decisions to a stream; `told` turns one into sentences."""

    def __init__(self, stream: TextIO, told: Told, *, as_json: bool) -> None:
        renderer: structlog.typing.Processor = (
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(colors=False)
        )
        self._told = told
        self._log = structlog.wrap_logger(
            structlog.PrintLogger(stream),
            processors=[structlog.processors.add_log_level, _timed, renderer],
        )

    def decided(self, entry: DecisionEntry) -> None:
        """Write one line a sentence of a decision."""
        for sentence in self._told(entry):
            self._log.info(
                sentence, timestamp=micro_time_text(entry.at_ms), controller=entry.controller
            )

    def note(self, text: str, **details: object) -> None:
        """Write a line that is no decision: a start, a lease won or lost, an end."""
        self._log.info(text, **details)

    def warn(self, text: str, **details: object) -> None:
        """Write a line about what goes wrong and does not end the process."""
        self._log.warning(text, **details)
