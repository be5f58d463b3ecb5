"""An object as the server holds it: one version, written out at most once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kingtide.twin.apiserver.overlay import Overlay
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.shown.shown import NOTHING, Seen

Key = tuple[str, str]
"""Namespace (empty for what stands in none) and name."""
Body = dict[str, Any]

_ENCODER = msgspec.json.Encoder()


class Entry:
    """One version of an object: a value of the twin, or a body that is kept as it was written.

    `overlay` holds what was written through the API and the value does not know, `seen` what
    kubelets and controllers say of this version; `render` makes the body. `generation` is 0 of a
    kind that has none, or knows it by itself. Never changed, so lists and watches share it without
    a copy.
    """

    __slots__ = (
        "_encoded",
        "_labels",
        "generation",
        "key",
        "overlay",
        "render",
        "resource",
        "revision",
        "seen",
        "uid",
        "value",
        "written",
    )

    def __init__(
        self,
        resource: Resource,
        key: Key,
        uid: str,
        revision: int,
        render: Callable[[Entry], Body],
        value: Any = None,
        written: Body | None = None,
        overlay: Overlay | None = None,
        seen: Seen = NOTHING,
        generation: int = 0,
    ) -> None:
        self.resource = resource
        self.key = key
        self.uid = uid
        self.revision = revision
        self.render = render
        self.value = value
        self.written = written
        self.overlay = overlay
        self.seen = seen
        self.generation = generation
        self._encoded: bytes | None = None
        self._labels: Mapping[str, str] | None = None

    @property
    def namespace(self) -> str:
        """Its namespace, empty where it stands in none."""
        return self.key[0]

    @property
    def name(self) -> str:
        """Its name."""
        return self.key[1]

    def body(self) -> Body:
        """Return the object as the API writes it, a new one in each call."""
        if self._encoded is not None:
            # To read its text is a fifth of the work of making it anew.
            body: Body = msgspec.json.decode(self._encoded)
            return body
        return self.render(self)

    @property
    def encoded(self) -> bytes:
        """The JSON text of the body, made when it is asked for first."""
        if self._encoded is None:
            self._encoded = _ENCODER.encode(self.render(self))
        return self._encoded

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels, as the body has them."""
        if self._labels is None:
            plain = self.resource.kind in ("Pod", "Node") and self.overlay is None
            found = self.value.labels if plain else self.body()["metadata"].get("labels")
            self._labels = found or {}
        return self._labels

    def at(self, revision: int) -> Entry:
        """Return the same object under another revision, as what is deleted is told with."""
        return Entry(
            self.resource,
            self.key,
            self.uid,
            revision,
            self.render,
            self.value,
            self.written,
            self.overlay,
            self.seen,
            self.generation,
        )
