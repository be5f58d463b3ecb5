"""Lines that all share, of the ConfigMap, and what stands for those that HAProxy refuses.

One wrong line of a snippet for the frontend, or a limit that the machine does not give, is in every
configuration: refused with it, no Ingress would ever change anything again. So the lines of before
stay in force in its place, section by section, until it is mended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.controllers.ingress.annotations.phases import SNIPPET
from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.directive import Directive

Group = Literal["process", "defaults", "frontend", "stats"]
GROUPS: tuple[Group, ...] = ("process", "defaults", "frontend", "stats")
"""Parts of a `Desired`, each of a section of its own."""
_SECTIONS: Mapping[str, Group] = {
    "global": "process",
    "defaults": "defaults",
    "frontend http": "frontend",
    "frontend kingtide_stats": "stats",
}
_ALERT = re.compile(
    r"\[ALERT\]\s*\(\d+\) : config : (?:"
    r"[Pp]arsing \[(?P<file>[^\[\]]+):(?P<line>\d+)\]"
    r"|(?:[A-Za-z]+ )?'(?P<name>http|kingtide_stats)'[ :])"
)

Lines = tuple[Directive, ...]
CLOSED: Lines = (Directive(SNIPPET, ("http-request", "deny", "deny_status", "503")),)
"""Instead of a frontend's lines where none of before are known: they may keep people out."""


class LeftOut(msgspec.Struct, frozen=True, gc=False):
    """Lines that are left out, what stands for them, and HAProxy's words."""

    asked: Lines
    instead: Lines
    said: str


def shared_of(desired: Desired) -> dict[Group, Lines]:
    """Return the lines that all share."""
    return {group: getattr(desired, group) for group in GROUPS}


def blamed_groups(
    said: str, configuration: str, path: str, desired: Desired
) -> Mapping[Group, str]:
    """Return whose lines HAProxy's words are about, each with the words that say so.

    Where they are about no section, it is a limit of the process if there are lines for that, else
    any. Nothing where nobody asks for lines.
    """
    lines = configuration.splitlines()
    asked = [group for group in GROUPS if getattr(desired, group)]
    found: dict[Group, str] = {}
    alerts = [it for it in said.splitlines() if "[ALERT]" in it]
    for alert in alerts:
        group = _group_of(alert, lines, path)
        if group in asked:
            found.setdefault(group, alert)
    if found or not asked:
        return found
    words = alerts[0] if alerts else said
    return dict.fromkeys(["process"] if "process" in asked else asked, words)


def _group_of(alert: str, lines: list[str], path: str) -> Group | None:
    about = _ALERT.match(alert)
    if about is None:
        return None
    if about["name"]:
        return _SECTIONS[f"frontend {about['name']}"]
    at = int(about["line"])
    if about["file"] != path or not 0 < at <= len(lines):
        return None
    heads = (line for line in reversed(lines[:at]) if line and not line.startswith(" "))
    return _SECTIONS.get(next(heads, ""))


def left_out(
    desired: Desired, blamed: Mapping[Group, str], accepted: Mapping[Group, Lines] | None
) -> dict[Group, LeftOut]:
    """Return what is left out; `accepted` are the lines that HAProxy ran with before, if known."""
    found: dict[Group, LeftOut] = {}
    for group, said in blamed.items():
        before = CLOSED if group == "frontend" else ()
        if accepted is not None:
            before = accepted.get(group, ())
        found[group] = LeftOut(getattr(desired, group), before, said)
    return found


def with_left_out(desired: Desired, known: Mapping[Group, LeftOut]) -> Desired:
    """Return the proxy without those lines, as far as they are still asked for as refused."""
    still = {
        group: it.instead for group, it in known.items() if it.asked == getattr(desired, group)
    }
    return msgspec.structs.replace(desired, **still) if still else desired


def encoded(accepted: Mapping[Group, Lines]) -> str:
    """Return accepted lines as a file's text, for the next controller."""
    return msgspec.json.encode(accepted).decode()


def decoded(text: str) -> Mapping[Group, Lines] | None:
    """Return the lines of such a text, None where it is none."""
    try:
        return msgspec.json.decode(text, type=dict[Group, Lines])
    except ValueError:
        return None
