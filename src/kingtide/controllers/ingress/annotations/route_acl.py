"""route-acl: which requests of a path go to this Service; others go on to the path's next rule."""

from __future__ import annotations

from collections.abc import Mapping
from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Scope
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable, shown
from kingtide.controllers.ingress.annotations.snippet_lines import words_of
from kingtide.controllers.ingress.told import Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy

NAME = "route-acl"
MAX_VALUES = 20
_FETCH = (
    r"(hdr|req\.f?hdr|cookie|req\.cook|url_param|urlp)\([A-Za-z0-9._-]{1,128}\)"
    r"|path|pathq|url|query|method|base"
)
"""Those that give texts: what is compared with another kind HAProxy may refuse altogether."""
_METHODS = "found|str|beg|end|sub|dir|dom"


def route_acl(written: Mapping[str, str]) -> tuple[tuple[str, ...] | None, tuple[Problem, ...]]:
    """Return the condition of a Service's annotations as words, None where it has none.

    With a problem there is one that nobody can read, so no request is to go to the Service.
    """
    if NAME not in written:
        return None, ()
    reading = Reading(Scope("", written, {}, {}, TrafficView(), IngressPolicy()))
    found = reading.value(NAME, _condition)
    return found, tuple(reading.problems)


def _condition(text: str) -> tuple[str, ...]:
    words = words_of(text)
    if not words or fullmatch(_FETCH, words[0]) is None:
        raise Unreadable(f"{shown(text)} looks at none of headers, cookies, the URL or its parts")
    how, values = [words[0]], list(words[1:])
    method = "str"
    while values and values[0] in ("-m", "-i"):
        flag = values.pop(0)
        if flag == "-m":
            method = values.pop(0) if values else ""
            if fullmatch(_METHODS, method) is None:
                raise Unreadable(f"{shown(text)}: -m is none of {_METHODS}")
        else:
            how.append(flag)
    how += ["-m", method]
    if bool(values) == (method == "found") or len(values) > MAX_VALUES:
        raise Unreadable(f"{shown(text)}: -m found has no values, others up to {MAX_VALUES}")
    if not all(fullmatch(r"[!-,.-z|~][!-~]{0,255}", value) for value in values):
        raise Unreadable(f"{shown(text)}: a value is ASCII without spaces, and no flag or brace")
    return (*how, "--", *values) if values else tuple(how)
