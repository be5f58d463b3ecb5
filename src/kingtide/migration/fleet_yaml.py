"""Write a fleet's documents as people write them: keys in order, quotes where they are needed."""

from __future__ import annotations

from decimal import Decimal

import yaml

from kingtide.fleet.documents.scalars import plain_scalar
from kingtide.fleet.documents.tree import Plain


class _Dumper(yaml.SafeDumper):
    """Block style without aliases; lists stand indented below their keys."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None
    if "\n" in value.strip("\n") and all(it.isprintable() for it in value.splitlines()):
        style = "|"
    elif not isinstance(plain_scalar(value), str):
        # YAML 1.2 takes a little more for numbers than PyYAML does (1e3, 0o7).
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Decimal, _decimal)


def fleet_yaml(value: Plain, comment: str = "") -> bytes:
    """Return a document; `comment` stands above it, one `#` a line."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000
    )
    above = "".join(f"# {line}\n" for line in comment.splitlines())
    return f"{above}{text}".encode()
