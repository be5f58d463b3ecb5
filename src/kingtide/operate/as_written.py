"""Reads what kops stored as it was written: kops decodes documents and encodes them anew."""

from __future__ import annotations

from kingtide.fleet.documents.tree import Plain
from kingtide.kube.durations import parse_duration_ms


def as_written(written: Plain, stored: Plain) -> Plain:
    """Return what is stored, in the words of what was written where both mean the same.

    Durations are stored as Go prints them (`5m` as `5m0s`), and what is empty (false, 0, an empty
    text, list or map) is left out. Source: https://pkg.go.dev/encoding/json (omitempty) and
    https://pkg.go.dev/time#Duration.String.
    """
    if isinstance(written, dict) and isinstance(stored, dict):
        found = {key: as_written(written.get(key), it) for key, it in stored.items()}
        left_out = {key: it for key, it in written.items() if key not in stored and _is_empty(it)}
        return {**found, **left_out}
    if isinstance(written, list) and isinstance(stored, list) and len(written) == len(stored):
        return [as_written(one, other) for one, other in zip(written, stored, strict=True)]
    if isinstance(written, str) and isinstance(stored, str) and written != stored:
        milliseconds = parse_duration_ms(written)
        if milliseconds is not None and milliseconds == parse_duration_ms(stored):
            return written
    return stored


def _is_empty(value: Plain) -> bool:
    """Return whether Go leaves a value out: nothing, or a map of nothing else."""
    if isinstance(value, dict):
        return all(_is_empty(it) for it in value.values())
    return not value
