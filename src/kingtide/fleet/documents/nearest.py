"""The nearest known name, for messages about an unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# Longer lists are no help in one line of an error message.
MAX_LISTED = 12


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that an unknown one most likely means, None when none is near."""
    lowered = {option.lower(): option for option in sorted(dict.fromkeys(known))}
    near = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[near[0]] if near else None


def did_you_mean(name: str, known: Iterable[str], *, what: str = "names") -> str:
    """Return the advice for an unknown name: the nearest known one, or the known ones."""
    options = sorted(dict.fromkeys(known))
    near = nearest(name, options)
    if near is not None:
        return f"did you mean {near!r}?"
    if not options:
        return f"there are no {what} here"
    listed = ", ".join(options[:MAX_LISTED])
    rest = len(options) - MAX_LISTED
    return f"known {what} are {listed}" + (f" and {rest} more" if rest > 0 else "")
