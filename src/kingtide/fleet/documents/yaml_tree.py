"""Parse YAML bytes to a tree with positions.

No tags, no duplicate keys, bounded in size, depth and aliases.
"""

from __future__ import annotations

import re
from typing import NoReturn

import yaml

from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.scalars import plain_scalar
from kingtide.fleet.documents.tree import (
    Entry,
    Map,
    Node,
    Path,
    Place,
    Scalar,
    Sequence,
)

# The largest real fleet files are a few hundred lines; a megabyte leaves room for generated ones.
MAX_BYTES = 1_000_000
# Our deepest field stands nine levels down.
MAX_DEPTH = 40
# What ends a line for the parser, which follows YAML 1.1: https://yaml.org/spec/1.1/#id871136.
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# Values after aliases are followed, of so many bytes that are allowed: an honest text of MAX_BYTES
# cannot have more than 300,000, an alias bomb does.
MAX_NODES_PER_MILLION_BYTES = 300_000


def parse_yaml(
    text: bytes, file: str, *, max_bytes: int = MAX_BYTES, lines_before: int = 0
) -> Node:
    """Return the one document of a YAML text; an empty text is an empty map.

    `lines_before` is how many lines of the file stand before the text, for the places told.

    Raises:
        Mistakes: the text is no YAML, uses what fleet files may not, or is too long.
    """
    if len(text) > max_bytes:
        wrong = f"is {len(text):,} bytes long, more than the {max_bytes:,} allowed"
        raise Mistakes([Mistake(Place(file, 0, 0), "", wrong, "split the file", "unreadable")])
    max_nodes = max_bytes * MAX_NODES_PER_MILLION_BYTES // 1_000_000
    builder = _Builder(file, max_nodes=max_nodes, lines_before=lines_before)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, 0, 0) if mark is None else builder.place(*_within(mark, text))
        wrong = f"is not valid YAML: {error.problem or error.context}"
        raise Mistakes(
            [Mistake(place, "", wrong, "check indentation, quotes and brackets", "unreadable")]
        ) from error
    except yaml.YAMLError as error:
        # What the reader itself says names its own source of bytes, which is no file of a user's.
        reason = getattr(error, "reason", None) or " ".join(str(error).split())
        wrong, advice = (
            f"is not valid YAML: {reason}",
            "write UTF-8 text without control characters",
        )
        raise Mistakes(
            [Mistake(_unreadable(error, text, file, lines_before), "", wrong, advice, "unreadable")]
        ) from error
    return builder.finish()


def _within(mark: yaml.Mark, text: bytes) -> tuple[int, int]:
    """Return a mark's line and column, which the parser may put behind the last line's end."""
    last = len(_LINE_BREAK.findall(text.decode("utf-8", errors="replace")))
    return (mark.line, mark.column) if mark.line <= last else (last, 0)


def _unreadable(error: yaml.YAMLError, text: bytes, file: str, lines_before: int) -> Place:
    """Return where a text's bytes are none that YAML reads; its beginning when that is not told."""
    position = getattr(error, "position", None)
    if not isinstance(position, int) or not 0 <= position <= len(text):
        return Place(file, lines_before + 1, 1)
    before = text[:position]
    # Characters before it are whole, as it is the first that cannot be read.
    last = before[before.rfind(b"\n") + 1 :].decode("utf-8", errors="replace")
    return Place(file, lines_before + before.count(b"\n") + 1, len(last) + 1)


class _Open:
    """A map or list that is not closed yet."""

    def __init__(self, place: Place, anchor: str | None, *, is_map: bool) -> None:
        self.place = place
        self.anchor = anchor
        self.is_map = is_map
        self.entries: dict[str, Entry] = {}
        self.items: list[Node] = []
        self.nodes = 1
        self.key: tuple[str, Place] | None = None

    def close(self) -> Node:
        if self.is_map:
            return Map(self.entries, self.place)
        return Sequence(tuple(self.items), self.place)


class _Builder:
    """Builds the tree from parser events, without recursion.

    So that no depth can exhaust the stack.
    """

    def __init__(self, file: str, *, max_nodes: int, lines_before: int) -> None:
        self._file = file
        self._max_nodes = max_nodes
        self._first_line = lines_before + 1
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._root: Node | None = None
        self._documents = 0
        self._findings = Findings()

    def take(self, event: yaml.Event) -> None:
        """Add what one event says."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            opened = self._stack.pop()
            self._put(opened.close(), opened.nodes, opened.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(event, "a second document starts here", "write one document a file")

    def finish(self) -> Node:
        """Return the tree, or raise everything that was found."""
        self._findings.raise_if_any()
        return (
            self._root
            if self._root is not None
            else Map({}, Place(self._file, self._first_line, 1))
        )

    def place(self, line: int, column: int) -> Place:
        """Return the place in the file of what the parser counts from 0."""
        return Place(self._file, self._first_line + line, column + 1)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._refuse_tag(event)
        place = self._place(event)
        is_plain = bool(event.implicit[0]) and not event.style
        text = event.value
        self._put(Scalar(plain_scalar(text) if is_plain else text, place), 1, event.anchor, text)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        self._refuse_tag(event)
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(event, f"is nested deeper than {MAX_DEPTH} levels", "flatten it")
        place = self._place(event)
        if self._expects_key():
            self._refuse(event, "a key is a map or a list", "write text as the key")
        is_map = isinstance(event, yaml.MappingStartEvent)
        self._stack.append(_Open(place, event.anchor, is_map=is_map))

    def _alias(self, event: yaml.AliasEvent) -> None:
        known = self._anchors.get(event.anchor or "")
        if known is None:
            self._refuse(
                event, f"alias *{event.anchor} has no closed anchor before it", "repeat the value"
            )
        node, nodes = known
        text = str(node.value) if isinstance(node, Scalar) else None
        self._put(node, nodes, None, text)

    def _put(self, node: Node, nodes: int, anchor: str | None, text: str | None = None) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, nodes)
        if not self._stack:
            self._root = node
            return
        top = self._stack[-1]
        top.nodes += nodes
        if top.nodes > self._max_nodes:
            wrong = f"has more than {self._max_nodes:,} values once its aliases are followed"
            raise Mistakes(
                [Mistake(top.place, "", wrong, "write it without nested aliases", "unreadable")]
            )
        if not top.is_map:
            top.items.append(node)
        elif top.key is None:
            top.key = self._key(node, text, top)
        else:
            name, place = top.key
            top.entries[name] = Entry(place, node)
            top.key = None

    def _key(self, node: Node, text: str | None, top: _Open) -> tuple[str, Place]:
        # A key is taken as it is written: `on`, `1` and `20:52` are names.
        if text is None:
            raise Mistakes(
                [Mistake(node.place, "", "a key is a map or a list", "write text", "unreadable")]
            )
        if text == "<<":
            path = (*self._path(), "<<")
            self._findings.add(
                node.place, path, "merge keys are not read", "use extends", "unreadable"
            )
        if text in top.entries:
            first = top.entries[text].key_place
            wrong = f"is written twice, first in line {first.line}"
            self._findings.add(
                node.place, (*self._path(), text), wrong, "keep one of them", "duplicate"
            )
        return text, node.place

    def _path(self) -> Path:
        """Where the collection in hand stands."""
        return tuple(
            opened.key[0] if opened.key is not None else len(opened.items)
            for opened in self._stack[:-1]
        )

    def _expects_key(self) -> bool:
        return bool(self._stack) and self._stack[-1].is_map and self._stack[-1].key is None

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:str"):
            self._refuse(event, f"the tag {event.tag} is not read", "write plain values")

    def _refuse(self, event: yaml.Event, wrong: str, instead: str) -> NoReturn:
        raise Mistakes([Mistake(self._place(event), "", wrong, instead, "unreadable")])

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self._file, 0, 0) if mark is None else self.place(mark.line, mark.column)
