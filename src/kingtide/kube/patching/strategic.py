"""Strategic merge patch: Kubernetes' own, which merges lists by a key and knows directives.

Source: apimachinery/pkg/util/strategicpatch/patch.go (v0.36),
https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/util/strategicpatch/patch.go, and
https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/
strategic-merge-patch.md.
"""

from __future__ import annotations

from typing import Any

from kingtide.kube.patching.element_order import in_order
from kingtide.kube.patching.json_patch import copied
from kingtide.kube.patching.json_pointer import PatchFailed
from kingtide.kube.patching.schema import Rule, Schema

DIRECTIVE = "$patch"
RETAIN_KEYS = "$retainKeys"
DELETE_FROM = "$deleteFromPrimitiveList/"
SET_ORDER = "$setElementOrder/"

Map = dict[str, Any]


def strategic_patched(document: Map, patch: Map, schema: Schema) -> Map:
    """Return a document with a patch merged into it; neither is changed.

    Raises:
        PatchFailed: the patch contradicts itself, or an element has no key.
    """
    return _merged(copied(document), copied(patch), schema)


def _merged(original: Map, patch: Map, schema: Schema) -> Map:
    """Merge into `original`; both may be taken apart."""
    if DIRECTIVE in patch:
        verb = patch.pop(DIRECTIVE)
        if verb == "replace":
            return _plain_map(patch)
        if verb == "delete":
            return {}
        if verb != "merge":
            raise PatchFailed(f"unknown patch type: {verb!r} found in {DIRECTIVE}")
    _retain(original, patch)
    for key in [key for key in patch if key.startswith(SET_ORDER)]:
        _set_order(original, patch, key, schema)
    for key, value in patch.items():
        if key.startswith(DELETE_FROM):
            _delete_elements(original, key.removeprefix(DELETE_FROM), value)
        elif value is None:
            original.pop(key, None)
        elif key not in original or not _are_alike(original[key], value):
            original[key] = without_directives(_without_nulls(value))
        elif isinstance(value, dict):
            original[key] = _merged_field(original[key], value, schema, key)
        elif isinstance(value, list):
            original[key] = _merged_list(original[key], value, schema.field(key), schema.rule(key))
        else:
            original[key] = value
    return original


def _merged_field(original: Map, patch: Map, schema: Schema, name: str) -> Map:
    if schema.rule(name).strategy == "replace":
        return _plain_map(patch)
    return _merged(original, patch, schema.field(name))


def _retain(original: Map, patch: Map) -> None:
    """Drop the fields of the original that $retainKeys does not name."""
    if RETAIN_KEYS not in patch:
        return
    kept = patch.pop(RETAIN_KEYS)
    if not isinstance(kept, list):
        raise PatchFailed(f"{RETAIN_KEYS} is no list")
    written = [key for key in patch if not key.startswith("$") and patch[key] is not None]
    if any(key not in kept for key in written):
        raise PatchFailed("invalid patch format of retainKeys")
    for key in [key for key in original if key not in kept]:
        del original[key]


def _merged_list(original: list[Any], patch: list[Any], schema: Schema, rule: Rule) -> list[Any]:
    if not rule.merges or (rule.strategy == "merge" and not rule.merge_key and not rule.is_set):
        return _plain_list(patch)
    if not rule.merge_key:
        merged = [*original, *(it for it in patch if it not in original)]
        return in_order(merged, patch, original, "")
    kept, added, replaces = _specials(original, patch, rule.merge_key)
    if replaces:
        return _plain_list(added)
    for element in added:
        place = _place(kept, rule.merge_key, _key_of(element, rule.merge_key))
        if place is None:
            kept.append(without_directives(_without_nulls(element)))
        else:
            kept[place] = _merged(kept[place], element, schema.element)
    return in_order(kept, added, original, rule.merge_key)


def _specials(original: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[Any], bool]:
    """Return what stays of the original, the patch's elements, and whether those replace all."""
    kept, added, replaces = list(original), [], False
    for element in patch:
        if not isinstance(element, dict):
            raise PatchFailed("a list of maps cannot take a single value")
        verb = element.get(DIRECTIVE)
        if verb == "replace":
            replaces = True
            if len(element) > 1:
                added.append({k: v for k, v in element.items() if k != DIRECTIVE})
        elif verb == "delete":
            gone = _key_of(element, key)
            kept = [it for it in kept if it.get(key) != gone]
        elif verb in (None, "merge"):
            added.append(element)
        else:
            raise PatchFailed(f"unknown patch type: {verb!r} found in {DIRECTIVE}")
    return kept, added, replaces


def _set_order(original: Map, patch: Map, directive: str, schema: Schema) -> None:
    """Merge a list whose elements are to stand in an order."""
    name, order = directive.removeprefix(SET_ORDER), patch.pop(directive)
    rule = schema.rule(name)
    before, changes = original.get(name), patch.pop(name, None)
    if not isinstance(order, list) or not isinstance(changes, list | None):
        raise PatchFailed(f"{directive} is no list")
    for element in changes or ():
        known = isinstance(element, dict) and element.get(DIRECTIVE) == "delete"
        if not known and not _is_named(element, order, rule.merge_key):
            raise PatchFailed(f"the order in patch {name} doesn't match {SET_ORDER} list")
    merged = _merged_list(before or [], changes or [], schema.field(name), rule)
    if merged or before is not None:
        original[name] = in_order(merged, order, before or [], rule.merge_key)


def _delete_elements(original: Map, name: str, gone: Any) -> None:
    if not isinstance(gone, list):
        raise PatchFailed(f"{DELETE_FROM}{name} is no list")
    if isinstance(original.get(name), list):
        original[name] = [it for it in original[name] if it not in gone]


def _is_named(element: Any, order: list[Any], key: str) -> bool:
    if not key:
        return element in order
    return any(isinstance(it, dict) and it.get(key) == element.get(key) for it in order)


def _key_of(element: Map, key: str) -> Any:
    if key not in element:
        raise PatchFailed(f"map: {element!r} does not contain declared merge key: {key}")
    return element[key]


def _place(elements: list[Any], key: str, value: Any) -> int | None:
    found = (n for n, it in enumerate(elements) if isinstance(it, dict) and it.get(key) == value)
    return next(found, None)


def _are_alike(one: Any, other: Any) -> bool:
    return all(isinstance(one, kind) == isinstance(other, kind) for kind in (dict, list))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(it) for key, it in value.items() if it is not None}
    return value


def without_directives(value: Any) -> Any:
    """Return what a patch leaves where there was nothing: itself, without its directives."""
    if isinstance(value, dict):
        return {k: without_directives(it) for k, it in value.items() if not k.startswith("$")}
    if isinstance(value, list):
        found = [it for it in value if not (isinstance(it, dict) and _is_deletion(it))]
        return [without_directives(it) for it in found]
    return value


def _plain_map(patch: Map) -> Map:
    found: Map = without_directives(patch)
    return found


def _plain_list(patch: list[Any]) -> list[Any]:
    found: list[Any] = without_directives(patch)
    return found


def _is_deletion(element: Map) -> bool:
    verb = element.get(DIRECTIVE)
    return verb == "delete" or (verb == "replace" and len(element) == 1)
