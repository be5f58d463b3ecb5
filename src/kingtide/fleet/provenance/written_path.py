"""A field's path as users write it: `nodeGroups.workers.spot.sizes.4x.max`, `zones[0]`."""

from __future__ import annotations

import re

from kingtide.fleet.documents.tree import Path, Step

_STEP = re.compile(r"""(?:"(?P<quoted>[^"]+)"|(?P<bare>[^.\[\]"]+))(?P<indexes>(?:\[\d{1,6}\])*)""")
_INDEX = re.compile(r"\[(\d+)\]")


class NoPath(ValueError):
    """A text that is no path; the message says what to write."""


def parse_path(text: str) -> Path:
    """Return the path of a field below a cluster's `spec`; `spec` itself and nothing are its root.

    Keys that hold dots stand in quotes (`tags."k8s.io/role"`), as messages show them.

    Raises:
        NoPath: the text is none.
    """
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            break
        steps.append(found["quoted"] or found["bare"])
        steps.extend(int(index) for index in _INDEX.findall(found["indexes"]))
        at = found.end()
        if at < len(text) and text[at] == "." and at + 1 < len(text):
            at += 1
        elif at < len(text):
            at = -1
            break
    if at != len(text):
        raise NoPath(f"{text!r} is not a field's path; write for example nodeGroups.api.hpa.max")
    return tuple(steps[1:] if steps[:1] == ["spec"] else steps)
