"""How people write a controller's name: node-autoscaling, node_autoscaling, nodeAutoscaling.

The command line has the first, a journal the second and a fleet's file the third; wherever a name
is asked for, each of them will do.
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.fleet.documents.nearest import did_you_mean


def meant(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is written so, or otherwise; None for none."""
    plain = _plain(name)
    return next((it for it in known if _plain(it) == plain), None)


def shown(name: str) -> str:
    """Return a controller's name as the command line has it."""
    return name.replace("_", "-")


def advice(name: str, known: Iterable[str], *, what: str = "controllers") -> str:
    """Return the advice for a name that is none of the known ones, which are as `shown`."""
    return did_you_mean(shown(name), (shown(it) for it in known), what=what)


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()
