"""What `kops validate cluster -o json` says is wrong.

With --wait it writes a JSON object for each look at the cluster, one behind the other.
Source: kops v1.35, cmd/kops/validate_cluster.go and pkg/validation/validate_cluster.go.
"""

from __future__ import annotations

import json

MAX_TOLD = 10
"""Failures of the last look that are told; the log has all."""


def failures_told(stdout: bytes) -> tuple[str, ...]:
    """Return the failures of the last look, a line each; none where nothing can be read."""
    last: list[str] = []
    decoder = json.JSONDecoder()
    text = stdout.decode(errors="replace")
    position = text.find("{")
    while position >= 0:
        try:
            found, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            end = position + 1
        else:
            last = _failures(found)
        position = text.find("{", end)
    if len(last) > MAX_TOLD:
        return (*last[:MAX_TOLD], f"... and {len(last) - MAX_TOLD} more")
    return tuple(last)


def _failures(look: object) -> list[str]:
    listed = look.get("failures") if isinstance(look, dict) else None
    return [
        " ".join(str(it.get(key, "")) for key in ("type", "name", "message") if it.get(key))
        for it in (listed if isinstance(listed, list) else ())
        if isinstance(it, dict)
    ]
