"""Where a value of a cluster comes from, as text: the value, and under it who said what where."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from kingtide.fleet.documents.tree import Path, Place, Plain, path_text
from kingtide.fleet.provenance.defaults import DefaultValue
from kingtide.fleet.provenance.explanation import Explained, Said, Sources
from kingtide.report.plain import plain


def told(found: Explained) -> str:
    """Return the explanation's lines."""
    lines = [plain(f"{found.cluster}: {path_text(found.path) or 'spec'}")]
    if found.text:
        lines.append(plain(f"  {found.text}"))
    for sources in found.values:
        lines += ["", *_of_value(sources)]
    if found.removed is not None:
        lines += ["", *_of_removed(found.removed)]
    if found.default is not None:
        lines += ["", f"  nobody writes it: {found.default.shown or 'none'} by default"]
    elif not found.values and not found.unsaid:
        lines += ["", "  nobody writes it"]
    if found.unsaid:
        lines += ["", "not written, so the defaults hold:"]
        lines += [plain(line) for line in _of_defaults(found.path, found.unsaid)]
    return "\n".join(lines) + "\n"


def _of_value(sources: Sources) -> Iterator[str]:
    first, *overridden = sources.said
    yield plain(f"{path_text(sources.path)}: {_value(sources.value)}")
    yield plain(f"  set by {_who(first)}")
    for said in overridden:
        what = "which removes it" if said.how == "removes" else f"which says {_value(said.value)}"
        yield plain(f"  over {_who(said)}, {what}")


def _of_removed(removed: Sources) -> Iterator[str]:
    first, *overridden = removed.said
    yield plain(f"{path_text(removed.path)}: taken away")
    yield plain(f"  by {_who(first)}")
    for said in overridden:
        if said.how == "sets":
            yield plain(f"  over {_who(said)}, which says {_value(said.value)}")


def _of_defaults(path: Path, unsaid: tuple[tuple[Path, DefaultValue], ...]) -> Iterator[str]:
    for at, it in unsaid:
        yield f"  {path_text(at[len(path) :])}: {_default(it)}"


def _default(it: DefaultValue) -> str:
    shown = f"{it.shown} by default. " if it.shown else ""
    return f"{shown}{it.text}" or "nothing by default"


def _who(said: Said) -> str:
    return f"{said.said_by} ({_place(said.place)})"


def _place(place: Place) -> str:
    return f"{place.file}:{place.line}:{place.column}"


def _value(value: Plain) -> str:
    """Return a value on one line, in YAML's flow form; text as users write it, without quotes."""
    match value:
        case str():
            return value
        case Decimal():
            return f"{value:f}"
        case dict():
            return f"{{{', '.join(f'{key}: {_value(item)}' for key, item in value.items())}}}"
        case list():
            return f"[{', '.join(_value(item) for item in value)}]"
        case _:
            return msgspec.json.encode(value).decode()
