"""Reads annotations: where each may stand, what it may say, and what is told where it says else."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from re import fullmatch
from typing import TypeVar

from kingtide.controllers.ingress.annotations.declared import DECLARED
from kingtide.controllers.ingress.annotations.family import Scope
from kingtide.controllers.ingress.directive import NotWritable, check_word
from kingtide.controllers.ingress.told import Code, Problem

T = TypeVar("T")

MAX_LINES = 100
"""Lines of one annotation: rules of one Ingress, all of which every request passes."""
MAX_NETWORKS = 10_000
"""Addresses of one list."""
MAX_MILLISECONDS = 2_147_483_647
"""Of a time, some 24.8 days: HAProxy refuses its configuration for a longer one. Source:
https://docs.haproxy.org/2.6/configuration.html#2.5"""
_MICROSECONDS = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}


class Unreadable(ValueError):
    """An annotation's text is none of those it may be; the message says what they are."""


class Reading:
    """Reads annotations of a scope and keeps what was wrong with them."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.problems: list[Problem] = []

    def text(self, name: str) -> str | None:
        """Return what a declared annotation says, None where nobody writes it or it is empty."""
        for place in DECLARED[name].on:
            text = getattr(self.scope, place).get(name)
            if text is not None and text.strip():
                return str(text).strip()
        return None

    def is_from(self, name: str, place: str) -> bool:
        """Return whether what an annotation says stands in this place."""
        for nearer in DECLARED[name].on:
            if getattr(self.scope, nearer).get(name, "").strip():
                return nearer == place
        return False

    def value(self, name: str, parse: Callable[[str], T]) -> T | None:
        """Return an annotation as parsed; one that cannot be is a problem, and as unwritten."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse(text)
        except (Unreadable, NotWritable) as error:
            self.refuse(name, str(error))
            return None

    def is_on(self, name: str, *, otherwise: bool = False) -> bool:
        """Return whether a switch is on."""
        found = self.value(name, boolean)
        return otherwise if found is None else found

    def refuse(self, name: str, message: str, code: Code = "AnnotationInvalid") -> None:
        """Tell that an annotation has no effect."""
        self.problems.append(Problem(code, self._place(name), message))

    def known_networks(self, name: str, others: str) -> tuple[str, ...]:
        """Return a list where a mistake takes itself away alone; `others` says what of the rest."""
        found, wrong = self.value(name, known_networks) or ((), ())
        if wrong:
            message = f"{len(wrong)} of its parts are no addresses or networks: {shown(wrong[0])} …"
            self.refuse(name, f"{message}; {others}")
        return found

    def _place(self, name: str) -> str:
        """Return where an annotation stands; on the Ingress where it stands nowhere."""
        if self.is_from(name, "values"):
            return f"data[{name}] of the ConfigMap"
        of = " of its Service" if self.is_from(name, "service") else ""
        return f"metadata.annotations[{name}]{of}"


def boolean(text: str) -> bool:
    """Return true or false, in most words of Go's strconv.ParseBool, and in others people use."""
    lowered = text.lower()
    if lowered in ("true", "t", "1", "on", "enabled"):
        return True
    if lowered in ("false", "f", "0", "off", "disabled"):
        return False
    raise Unreadable(f"{shown(text)} is neither true nor false")


def duration(text: str) -> str:
    """Return a time as HAProxy writes it: a number and us, ms, s, m, h or d; ms without a unit."""
    found = fullmatch(r"([0-9]{1,9})(us|ms|s|m|h|d)?", text)
    if found is None:
        raise Unreadable(f"{shown(text)} is no time; write 10s, 500ms or 1m")
    if int(found.group(1)) * _MICROSECONDS[found.group(2) or "ms"] > MAX_MILLISECONDS * 1_000:
        raise Unreadable(f"{shown(text)} is longer than HAProxy can wait; at most 24d")
    return text


def interval(text: str) -> str:
    """Return a time that passes: what is counted in no time, or done all the time, cannot be."""
    if int("".join(char for char in duration(text) if char.isdigit())) == 0:
        raise Unreadable(f"{shown(text)} is no time at all; write 10s, 500ms or 1m")
    return text


def number(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of whole numbers between two bounds."""

    def parse(text: str) -> int:
        if fullmatch(r"[0-9]{1,9}", text) is None or not low <= int(text) <= high:
            raise Unreadable(f"{shown(text)} is no number from {low} to {high}")
        return int(text)

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """Return a parser of one of some words."""

    def parse(text: str) -> str:
        if text not in words:
            raise Unreadable(f"{shown(text)} is none of {', '.join(words)}")
        return text

    return parse


def token(text: str) -> str:
    """Return a header's or cookie's name: of an HTTP token (RFC 9110, section 5.6.2) what is used.

    Quotes and signs are left out, which HAProxy reads as its own within an expression.
    """
    if fullmatch(r"[A-Za-z0-9._-]{1,256}", text) is None:
        raise Unreadable(f"{shown(text)} is no name of a header or cookie")
    return text


def writable(text: str) -> str:
    """Return a text of one line that can be written."""
    check_word(text)
    return text


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text that say something."""
    found = tuple(line.strip() for line in text.split("\n") if line.strip())
    if len(found) > MAX_LINES:
        raise Unreadable(f"it has {len(found)} lines, at most {MAX_LINES}")
    for line in found:
        check_word(line)
    return found


def networks(text: str) -> tuple[str, ...]:
    """Return addresses and networks of a list with commas, each in its shortest form, sorted."""
    found, wrong = known_networks(text)
    if wrong:
        raise Unreadable(f"it is no list of addresses and networks: {shown(wrong[0])} is neither")
    return found


def known_networks(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses and networks of a list, and those of its parts that are neither.

    Raises:
        Unreadable: it has too many.
    """
    parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    if len(parts) > MAX_NETWORKS:
        raise Unreadable(f"it has {len(parts)} addresses, at most {MAX_NETWORKS}")
    found: set[str] = set()
    wrong: list[str] = []
    for part in parts:
        network = _network(part)
        if network is None:
            wrong.append(part)
        else:
            found.add(network)
    return tuple(sorted(found)), tuple(wrong)


def _network(text: str) -> str | None:
    """Return a network in its shortest form; one of a zone (`%eth0`) is none for HAProxy."""
    if "%" in text:
        return None
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return None


def shown(text: str) -> str:
    """Return a text for a message: quoted, on one line, and not longer than people read."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
