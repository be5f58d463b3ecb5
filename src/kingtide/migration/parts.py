"""Parts of a kops document that may or may not be there, or be of another kind than they should."""

from __future__ import annotations

from kingtide.fleet.documents.tree import Plain

Part = dict[str, Plain]


def at(part: Plain, *path: str) -> Plain:
    """Return what stands at a path, None where nothing does."""
    for key in path:
        if not isinstance(part, dict):
            return None
        part = part.get(key)
    return part


def map_at(part: Plain, *path: str) -> Part:
    """Return the map at a path, an empty one where none is."""
    found = at(part, *path)
    return found if isinstance(found, dict) else {}


def maps_at(part: Plain, *path: str) -> list[Part]:
    """Return the maps of the list at a path; what is none is left out."""
    found = at(part, *path)
    return [it for it in found if isinstance(it, dict)] if isinstance(found, list) else []


def text_at(part: Plain, *path: str) -> str | None:
    """Return the text at a path, None where there is none."""
    found = at(part, *path)
    return found if isinstance(found, str) and found else None


def texts_at(part: Plain, *path: str) -> list[str]:
    """Return the list of texts at a path, an empty one where anything else stands."""
    found = at(part, *path)
    if not isinstance(found, list) or not all(isinstance(it, str) for it in found):
        return []
    return [it for it in found if isinstance(it, str)]


def count_at(part: Plain, *path: str) -> int | None:
    """Return the whole number of 0 or more at a path, None where there is none."""
    found = at(part, *path)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        return None
    return found
