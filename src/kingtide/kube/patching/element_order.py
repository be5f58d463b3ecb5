"""In which order a merged list stands: the patch's elements in its order, others near their place.

Source: normalizeElementOrder and mergeSortedSlice of strategicpatch/patch.go (v0.36).
"""

from __future__ import annotations

from typing import Any


def in_order(
    merged: list[Any], patch_order: list[Any], server_order: list[Any], key: str
) -> list[Any]:
    """Return a list with the elements that a patch names in its order.

    The others keep theirs; one stands before an element of the patch only where the server had
    both, in this order. `key` tells maps apart, empty for single values.
    """
    said = _places(patch_order, key)
    had = _places(server_order, key)
    named = [it for it in merged if _key(it, key) in said]
    others = [it for it in merged if _key(it, key) not in said]
    named.sort(key=lambda it: said[_key(it, key)])
    others.sort(key=lambda it: had.get(_key(it, key), len(had)))
    result: list[Any] = []
    left = right = 0
    while left < len(others) and right < len(named):
        one, other = had.get(_key(others[left], key)), had.get(_key(named[right], key))
        if one is not None and other is not None and one < other:
            result.append(others[left])
            left += 1
        else:
            result.append(named[right])
            right += 1
    return [*result, *others[left:], *named[right:]]


def _key(element: Any, key: str) -> str:
    """Return what tells an element apart, as a text that tells 1 from true and from "1"."""
    return repr(element.get(key) if key and isinstance(element, dict) else element)


def _places(elements: list[Any], key: str) -> dict[str, int]:
    places: dict[str, int] = {}
    for number, element in enumerate(elements):
        places.setdefault(_key(element, key), number)
    return places
