"""Settings by their names, as the controller has written them for HAProxy and for us."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from re import fullmatch

import msgspec

from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.controllers.ingress.rendering.layout import Layout

MAX_KEPT = 10_000
"""Of which each has less than 10 kB."""


class KnownSettings:
    """Reads a file at the first question for it: nothing in it ever changes.

    What was read stays known while HAProxy's old processes finish, though its file is gone.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._kept: OrderedDict[str, AuthSettings] = OrderedDict()

    def of(self, name: object) -> AuthSettings | None:
        """Return the settings of this name, None where there are none."""
        if not isinstance(name, str) or fullmatch(r"[0-9a-f]{24}", name) is None:
            return None
        found = self._kept.get(name)
        if found is None:
            try:
                data = Path(self._layout.auth_settings(name)).read_bytes()
                found = msgspec.json.decode(data, type=AuthSettings)
            except (OSError, ValueError):
                return None
            self._kept[name] = found
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return found
