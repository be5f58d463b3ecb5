"""Counts with their nouns and verbs, one or many."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return `1 node`, `2 nodes`, `1,200 nodes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


class Counted(int):
    """An integer that a format string may ask which word goes with it: `{pods:waits|wait}`."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """Return the word before the bar for one, the word behind it for all else."""
        one, bar, many = spec.partition("|")
        if not bar:
            return super().__format__(spec)
        return one if self == 1 else many
