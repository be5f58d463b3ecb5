"""Takes files of external authentication away that no HAProxy of ours needs any more."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path

from kingtide.controllers.ingress.rendering.layout import Layout

KEPT_SECONDS = 3_600.0
"""For which settings stay that are not wanted any more: HAProxy's old processes finish requests by
them, at most for its hard-stop-after (30 minutes), and the agent may look at them anew."""


class AuthFiles:
    """Knows since when files are not wanted; who begins anew begins to count anew."""

    def __init__(self, layout: Layout, clock: Callable[[], float] = time.monotonic) -> None:
        self._layout = layout
        self._clock = clock
        self._unwanted: dict[str, float] = {}

    def drop(self, wanted: Collection[str]) -> None:
        """Drop what is not wanted any more; `wanted` are paths of all that is in use."""
        now = self._clock()
        folder = Path(self._layout.auth)
        found = [str(it) for it in folder.iterdir()] if folder.is_dir() else []
        left = [it for it in found if it not in wanted]
        self._unwanted = {it: self._unwanted.get(it, now) for it in left}
        for it, since in self._unwanted.items():
            if now - since >= KEPT_SECONDS:
                Path(it).unlink(missing_ok=True)
        if self._layout.auth_engine not in wanted:
            Path(self._layout.auth_engine).unlink(missing_ok=True)


def drop_trial(trial: Layout) -> None:
    """Drop the files of a trial."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(trial.auth)
