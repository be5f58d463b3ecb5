"""JSON patches that change a field only if it still is as it was read.

Source: https://www.rfc-editor.org/rfc/rfc6902; the API server answers 422 where a `test` fails
(https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Operation = dict[str, Any]
Path = tuple[str, ...]


class JsonPatch:
    """A patch of one object, as it was read: `document`, which is used up.

    Every patch tests the uid: it never touches another object of the name. A field that is there
    is tested for the value that was read. Of one that is not there nothing can be tested, so the
    whole object's version is.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._operations: list[Operation] = []
        self._is_pinned = False
        self._test(("metadata", "uid"))

    @property
    def operations(self) -> Sequence[Operation]:
        """The patch's body."""
        return self._operations

    def pin(self) -> None:
        """Have the patch done only on the version of the object that was read."""
        if not self._is_pinned:
            self._is_pinned = True
            self._test(("metadata", "resourceVersion"))

    def put(self, path: Path, value: Any) -> None:
        """Set a field, making what it stands in; None removes it."""
        *above, name = path
        within = self._document
        for depth, part in enumerate(above):
            if within.get(part) is None:
                if value is None:
                    return
                self.pin()
                within[part] = {}
                self._add("add", tuple(above[: depth + 1]), {})
            within = within[part]
        known = within.get(name)
        if known is not None:
            self._test(path)
        elif value is None:
            return
        else:
            self.pin()
        if value is None:
            del within[name]
            self._operations.append({"op": "remove", "path": pointer(path)})
        else:
            within[name] = value
            self._add("add" if known is None else "replace", path, value)

    def _test(self, path: Path) -> None:
        value: Any = self._document
        for part in path:
            value = value.get(part)
        self._add("test", path, value)

    def _add(self, verb: str, path: Path, value: Any) -> None:
        self._operations.append({"op": verb, "path": pointer(path), "value": value})


def pointer(path: Path) -> str:
    """Return a path as RFC 6901 writes it."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
