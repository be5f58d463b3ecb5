"""One generated document, of kops or of Kubernetes."""

from __future__ import annotations

import msgspec

from kingtide.fleet.documents.tree import Plain

Body = dict[str, Plain]
"""A document, or a part of one, as it is written to YAML; nobody changes one that was handed on."""


class Document(msgspec.Struct, frozen=True):
    """A document around its whole content; what identifies it is read from there.

    `body` has `apiVersion`, `kind` and `metadata.name`.
    """

    body: Body

    @property
    def api_version(self) -> str:
        """Its group and version, as `apps/v1`."""
        return str(self.body["apiVersion"])

    @property
    def kind(self) -> str:
        """Its kind, as `Deployment`."""
        return str(self.body["kind"])

    @property
    def name(self) -> str:
        """Its metadata.name."""
        return str(_metadata(self.body)["name"])

    @property
    def namespace(self) -> str:
        """Its metadata.namespace, empty for what stands in none."""
        return str(_metadata(self.body).get("namespace", ""))

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two documents the same object: API version, kind, namespace, name."""
        return (self.api_version, self.kind, self.namespace, self.name)


def _metadata(body: Body) -> Body:
    found = body["metadata"]
    assert isinstance(found, dict)  # whoever makes a Document gives it one
    return found
