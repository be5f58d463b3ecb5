"""JSON Merge Patch (RFC 7386): maps are merged, null removes, all else replaces."""

from __future__ import annotations

from kingtide.kube.patching.json_patch import copied
from kingtide.kube.patching.json_pointer import Json


def merge_patched(document: Json, patch: Json) -> Json:
    """Return a document with a patch laid over it; neither is changed.

    Source: https://www.rfc-editor.org/rfc/rfc7386, section 2.
    """
    if not isinstance(patch, dict):
        return copied(patch)
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patched(result.get(key), value)
    return result
