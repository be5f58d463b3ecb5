"""Which of two backends a request goes to where a canary has a share of a route's requests."""

from __future__ import annotations

from collections.abc import Mapping
from re import ASCII, search
from typing import Literal

import msgspec

from kingtide.controllers.ingress.desired import Desired, Split
from kingtide.controllers.ingress.routing.table import Route


class Division(msgspec.Struct, frozen=True, gc=False):
    """A route's split, and where this request goes by its header or cookie.

    `goes` is empty where neither says: then `weight` of 10,000 go to the canary, by chance.
    """

    ingress: str
    main: str
    canary: str
    weight: int
    goes: Literal["", "main", "canary"] = ""
    because: str = ""


def division(desired: Desired, route: Route, headers: Mapping[str, str]) -> Division | None:
    """Return how a route's requests are divided, None where they are not."""
    split = next((it for it in desired.splits if route.split and it.name == route.split), None)
    if split is None:
        return None
    whole = Division(split.ingress, split.main, split.canary, split.weight)
    for kind, name, said in _said(split, headers):
        if kind == "header" and split.value:
            goes: Literal["", "main", "canary"] = "canary" if said == split.value else ""
        elif kind == "header" and split.pattern:
            goes = "canary" if search(split.pattern, said, ASCII) else ""
        else:
            goes = "canary" if said == "always" else "main" if said == "never" else ""
        if goes:
            return msgspec.structs.replace(whole, goes=goes, because=f"{kind} {name}: {said}")
    return whole


def _said(split: Split, headers: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return what the request says of what the split looks at: its header, then its cookie."""
    lowered = {name.lower(): value for name, value in headers.items()}
    found = []
    if split.header and split.header.lower() in lowered:
        found.append(("header", split.header, lowered[split.header.lower()]))
    for part in lowered.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if split.cookie and name == split.cookie:
            found.append(("cookie", name, value))
    return found
