"""Counts with their nouns, one or many."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return `1 node`, `2 nodes`, `1,200 nodes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
