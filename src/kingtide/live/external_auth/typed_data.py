"""SPOP's integers, strings and typed values as bytes.

Source: https://github.com/haproxy/haproxy/blob/v2.6.0/doc/SPOE.txt (3.1)
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

Value = None | bool | int | str | bytes | IPv4Address | IPv6Address

NULL, BOOLEAN, INT32, UINT32, INT64, UINT64, IPV4, IPV6, STRING, BINARY = range(10)
_TRUE = 0x10
_MAX_SHIFT = 60
"""Bits before the last part of an integer; what is longer is none of 64 bits."""


class Broken(ValueError):
    """Bytes that are no frame of SPOP; `code` is its status code (3.5)."""

    def __init__(self, message: str, code: int = 4) -> None:
        super().__init__(message)
        self.code = code


class Cursor:
    """Reads bytes from their beginning to their end, and never beyond it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        """Whether all is read."""
        return self._at >= len(self._data)

    def take(self, count: int) -> bytes:
        """Return the next bytes.

        Raises:
            Broken: there are not as many.
        """
        end = self._at + count
        if count < 0 or end > len(self._data):
            raise Broken("it ends before its end")
        found = self._data[self._at : end]
        self._at = end
        return found

    def byte(self) -> int:
        """Return the next byte."""
        return self.take(1)[0]

    def integer(self) -> int:
        """Return a variable-length integer, as peers of HAProxy write it."""
        value = self.byte()
        if value < 240:
            return value
        shift = 4
        while True:
            part = self.byte()
            value += part << shift
            shift += 7
            if part < 128:
                break
            if shift > _MAX_SHIFT:
                raise Broken("an integer of over 64 bits")
        if value >= 1 << 64:
            raise Broken("an integer of over 64 bits")
        return value

    def string(self) -> str:
        """Return a string; its characters are its bytes."""
        return self.take(self.integer()).decode("latin-1")

    def value(self) -> Value:
        """Return a typed value."""
        mark = self.byte()
        kind = mark & 0x0F
        if kind == NULL:
            return None
        if kind == BOOLEAN:
            return bool(mark & _TRUE)
        if kind in (INT32, UINT32, INT64, UINT64):
            return self.integer()
        if kind == IPV4:
            return IPv4Address(self.take(4))
        if kind == IPV6:
            return IPv6Address(self.take(16))
        if kind == STRING:
            return self.string()
        if kind == BINARY:
            return self.take(self.integer())
        raise Broken(f"a value of type {kind}, which nobody knows")


def integer(value: int) -> bytes:
    """Return a variable-length integer of at most 64 bits."""
    if value < 240:
        return bytes((value,))
    found = bytearray((value & 0xFF | 0xF0,))
    value = (value - 240) >> 4
    while value >= 128:
        found.append(value & 0xFF | 0x80)
        value = (value - 128) >> 7
    found.append(value)
    return bytes(found)


def string(text: str) -> bytes:
    """Return a string, of which every character is a byte."""
    data = text.encode("latin-1")
    return integer(len(data)) + data


def typed(value: str | int) -> bytes:
    """Return a string or an integer of 32 bits with its type."""
    if isinstance(value, str):
        return bytes((STRING,)) + string(value)
    return bytes((UINT32,)) + integer(value)
