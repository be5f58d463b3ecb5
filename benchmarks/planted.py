"""The table of planted faults, from the catalogue of the test that plants them."""

from __future__ import annotations

from tests.twin.planted.catalogue import PLANTED


def planted() -> str:
    """Return every planted fault with the invariant that finds it."""
    lines = ["| planted | found by |", "|---|---|"]
    lines += [f"| `{name}` | `{it.invariant}` |" for name, it in PLANTED.items()]
    return "\n".join(lines)
