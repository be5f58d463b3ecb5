"""`--set a.b=1,c={x,y},d[0].e=z`: assignments laid over values, as Helm and kops parse them.

Source: https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set and
helm pkg/strvals/parser.go (v3, v4 alike).
"""

from __future__ import annotations

from kingtide.migration.go_literals import MutableValue

# Helm's own bounds, against an index or a path that would fill the memory.
MAX_INDEX = 65_536
MAX_NESTED_NAMES = 30

_WORDS = {"true": True, "false": False, "null": None}
_INTEGERS = range(-(2**63), 2**63)


class SetError(ValueError):
    """An assignment cannot be read; the message says why."""


def set_into(values: dict[str, MutableValue], expression: str, *, as_text: bool) -> None:
    """Carry out the assignments of one expression; `as_text` leaves every value text.

    What Helm ignores in silence, an index or a name at the end that nothing follows, is refused.

    Raises:
        SetError: it cannot be read.
    """
    reader = _Reader(expression, as_text=as_text)
    while not reader.is_at_end:
        reader.assign(values, level=0)


class _Reader:
    def __init__(self, text: str, *, as_text: bool) -> None:
        self._text = text
        self._at = 0
        self._as_text = as_text

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._text)

    def assign(self, into: dict[str, MutableValue], level: int) -> None:
        """Read `key=value`, `key.rest` or `key[0]rest` into a map."""
        key, stop = self._until("=[,.")
        match stop:
            case "":
                raise SetError(f"key {key!r} has no value; write {key}=VALUE")
            case ",":
                raise SetError(f"key {key!r} has no value; write {key}=VALUE before the comma")
            case "=":
                _put(into, key, self._value())
            case "[":
                index = self._index()
                items = into.get(key, [])
                if not isinstance(items, list):
                    raise SetError(f"{key!r} is no list; set the whole of it")
                self._item(items, index, level)
                _put(into, key, items)
            case _:
                if level + 1 > MAX_NESTED_NAMES:
                    raise SetError(f"has more than {MAX_NESTED_NAMES} nested names; write a file")
                inner = into.get(key, {})
                if not isinstance(inner, dict):
                    raise SetError(f"{key!r} is no map; set the whole of it")
                self.assign(inner, level + 1)
                if not inner:
                    raise SetError(f"key map {key!r} has no value; write {key}.NAME=VALUE")
                _put(into, key, inner)

    def _item(self, items: list[MutableValue], index: int, level: int) -> None:
        """Read what follows `key[index]` into a list, which grows with nulls as far as needed."""
        key, stop = self._until("[.=")
        if key:
            raise SetError(f"{key!r} follows an index; write for example key[0]=VALUE")
        found = items[index] if index < len(items) else None
        if not stop:
            raise SetError("nothing follows an index; write for example key[0]=VALUE")
        items.extend([None] * (index + 1 - len(items)))
        if stop == "=":
            items[index] = self._value()
        elif stop == "[":
            inner_list = [] if found is None else found
            if not isinstance(inner_list, list):
                raise SetError(f"item {index} is no list; set the whole of it")
            items[index] = inner_list
            self._item(inner_list, self._index(), level)
        else:
            if level + 1 > MAX_NESTED_NAMES:
                raise SetError(f"has more than {MAX_NESTED_NAMES} nested names; write a file")
            inner = found if isinstance(found, dict) else {}
            items[index] = inner
            self.assign(inner, level + 1)

    def _index(self) -> int:
        text, stop = self._until("]")
        if not stop or not text.isascii() or not text.isdigit():
            raise SetError(f"[{text} is no index; write for example key[0]=VALUE")
        index = int(text[:10])
        if index > MAX_INDEX:
            raise SetError(f"index {text} is more than {MAX_INDEX:,}; write less")
        return index

    def _value(self) -> MutableValue:
        if not self._text.startswith("{", self._at):
            text, _ = self._until(",")
            return self._typed(text)
        self._at += 1
        items: list[MutableValue] = []
        while True:
            text, stop = self._until(",}")
            if not stop:
                raise SetError("a list does not end; write } at its end")
            items.append(self._typed(text))
            if stop == "}":
                if self._text.startswith(",", self._at):
                    self._at += 1
                return items

    def _typed(self, text: str) -> MutableValue:
        if self._as_text:
            return text
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        digits = text[1:] if text[:1] in "+-" else text
        is_number = digits.isascii() and digits.isdigit() and len(digits) < 20
        if text == "0" or (is_number and text[:1] != "0"):
            return int(text) if int(text) in _INTEGERS else text
        return text

    def _until(self, stops: str) -> tuple[str, str]:
        """Return what comes before one of the characters, and which; "" at the end of all."""
        read: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character in stops:
                return "".join(read), character
            if character == "\\":
                character = self._text[self._at : self._at + 1]
                self._at += 1
            read.append(character)
        return "".join(read), ""


def _put(into: dict[str, MutableValue], key: str, value: MutableValue) -> None:
    if key:  # Helm leaves a value without a key out
        into[key] = value
