"""How a divided route's requests find their backend: by maps, so that weights change at once.

The route's map leads to the name of its split. Then maps of splits lead on: by what a header or
cookie says, by chance, and else to the backend that it has without a canary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.controllers.ingress.canaries import PARTS, PREFIX
from kingtide.controllers.ingress.desired import Desired, Split
from kingtide.controllers.ingress.directive import quoted
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.lines import line

MAINS, CANARIES, WEIGHTS, PICKS = "mains", "canaries", "weights", "picks"
NAMES = (MAINS, CANARIES, WEIGHTS, PICKS)


def split_lines(splits: Iterable[Split]) -> Mapping[str, Mapping[str, str]]:
    """Return the lines of the maps of splits."""
    lines: dict[str, dict[str, str]] = {name: {} for name in NAMES}
    for it in splits:
        lines[MAINS][it.name] = it.main
        lines[CANARIES][it.name] = it.canary
        lines[WEIGHTS][it.name] = str(it.weight)
        if it.header and it.value:
            lines[PICKS][f"{it.name}:h:{it.header}:{it.value}"] = it.canary
        is_plain = not it.value and not it.pattern
        for kind, name in (("h", it.header if is_plain else ""), ("c", it.cookie)):
            if name:
                lines[PICKS][f"{it.name}:{kind}:{name}:always"] = it.canary
                lines[PICKS][f"{it.name}:{kind}:{name}:never"] = it.main
    return lines


def split_rules(desired: Desired, to: str, layout: Layout) -> list[str]:
    """Return the frontend's rules, after which `to` is a backend; none where nothing is divided."""
    if not desired.splits:
        return []
    split, pick, weight = (f"txn.kingtide_{it}" for it in ("split", "pick", "weight"))
    is_split = f"{{ var({split}) -m found }}"
    open_yet = f"{is_split} !{{ var({pick}) -m found }}"
    maps = {name: quoted(layout.map(name)) for name in NAMES}
    by_chance = f"{{ rand({PARTS}),sub({weight}) lt 0 }}"
    lines = [f"set-var({split}) var({to}) if {{ var({to}) -m beg {PREFIX} }}"]
    for it in desired.splits:
        if it.pattern:
            words = (
                *(
                    "http-request",
                    f"set-var({pick})",
                    f"str({it.canary})",
                    "if",
                    *is_this(it, split),
                ),
                *("{", f"req.fhdr({it.header})", "-m", "reg", "--", it.pattern, "}"),
            )
            lines.append(line(words).removeprefix("http-request "))
    for number, (kind, name) in enumerate(looked_at(desired.splits)):
        said = f"txn.kingtide_said{number}"
        key = f"var({split}),concat(:{kind}:{name}:,{said})"
        fetch = f"req.hdr({name})" if kind == "h" else f"req.cook({name})"
        lines += [
            f"set-var({said}) {fetch} if {open_yet}",
            f"set-var({pick}) {key},map_str({maps[PICKS]}) if {open_yet}",
        ]
    lines += [
        f"set-var({weight}) var({split}),map_str_int({maps[WEIGHTS]},0) if {open_yet}",
        f"set-var({pick}) var({split}),map_str({maps[CANARIES]}) if {open_yet} {by_chance}",
        f"set-var({pick}) var({split}),map_str({maps[MAINS]}) if {open_yet}",
        f"set-var({to}) var({pick}) if {is_split}",
    ]
    return [f"  http-request {rule}" for rule in lines]


def is_this(it: Split, variable: str) -> tuple[str, ...]:
    """Return the condition of a request of this split."""
    return ("{", f"var({variable})", "-m", "str", it.name, "}")


def looked_at(splits: Iterable[Split]) -> list[tuple[str, str]]:
    """Return the headers and cookies whose values some split looks up, headers first."""
    headers = {it.header for it in splits if it.header and not it.pattern}
    cookies = {it.cookie for it in splits if it.cookie}
    return [*(("h", name) for name in sorted(headers)), *(("c", name) for name in sorted(cookies))]
