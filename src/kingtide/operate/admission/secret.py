"""The Secret in which replicas share authorities and certificate.

Whoever finds something due writes it, on the condition that the Secret still is as it was read; who
loses reads what the winner wrote. Nothing of it is ever logged.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import msgspec

from kingtide.certificates.pairs import KeyPair
from kingtide.controllers.admission.webhooks import CONFIGURATION
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.live.kubernetes.failures import ApiRefused
from kingtide.live.kubernetes.performing.api import Api
from kingtide.operate.admission.authorities import Held, fingerprint, is_sound

PUBLISHED = "kingtide.dev/authority-published"
"""On the Secret: since when the newest authority is in the caBundle, and which one that is."""
_FOLDER = f"/api/v1/namespaces/{KINGTIDE_NAMESPACE}/secrets"
_PATH = f"{_FOLDER}/{CONFIGURATION}"
_BEGIN = b"-----BEGIN CERTIFICATE-----"


class Lost(Exception):
    """Another replica wrote first."""


class Kept(msgspec.Struct, frozen=True):
    """What the Secret holds, and the version it was read in; `held` None cannot be used."""

    held: Held | None
    version: str


class _Metadata(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    annotations: dict[str, str] | None = None


class _Secret(msgspec.Struct):
    metadata: _Metadata
    data: dict[str, str | None] | None = None


async def read_secret(api: Api) -> Kept | None:
    """Return what the Secret holds, None where there is none.

    Raises:
        ApiRefused: it may not be read.
    """
    try:
        found = msgspec.json.decode(await api.read(_PATH), type=_Secret)
    except ApiRefused as error:
        if error.code == 404:
            return None
        raise
    return Kept(_held(found), found.metadata.resource_version)


async def write_secret(api: Api, held: Held, before: Kept | None) -> None:
    """Write what is held, if the Secret is as it was read; without one, make it.

    Raises:
        Lost: another replica was faster.
        ApiRefused: it may not be written.
    """
    head = {"apiVersion": "v1", "kind": "Secret"}
    metadata: dict[str, Any] = {
        "name": CONFIGURATION,
        "namespace": KINGTIDE_NAMESPACE,
        "annotations": {PUBLISHED: _published_text(held)},
        "labels": {"app.kubernetes.io/managed-by": "kingtide"},
    }
    body = head | {"metadata": metadata, "data": _data(held)}
    try:
        if before is None:
            data = {name: it for name, it in _data(held).items() if it is not None}
            await api.write("POST", _FOLDER, body | {"type": "Opaque", "data": data})
        else:
            metadata["resourceVersion"] = before.version
            await api.write("PATCH", _PATH, body, "application/merge-patch+json")
    except ApiRefused as error:
        # A Secret that is gone is made anew; a namespace that is not there is for people to make.
        if error.code == 409 or (error.code == 404 and before is not None):
            raise Lost("another replica wrote the Secret") from error
        raise


def _data(held: Held) -> dict[str, str | None]:
    parts = {
        "ca.crt": held.bundle,
        "ca.key": held.key,
        "ca-old.key": held.old_key,
        "tls.crt": held.serving.certificate,
        "tls.key": held.serving.key,
    }
    # None takes a key away: an authority's that signs no more must not lie around.
    return {name: base64.b64encode(it).decode() if it else None for name, it in parts.items()}


def _held(secret: _Secret) -> Held | None:
    """Return what a Secret holds, None where it cannot be used: then it is made anew."""
    try:
        data = {name: base64.b64decode(it or "") for name, it in (secret.data or {}).items()}
        bundle = data["ca.crt"].split(_BEGIN)[1:]
        held = Held(
            tuple(_BEGIN + it for it in bundle),
            data["ca.key"],
            KeyPair(data["tls.crt"], data["tls.key"]),
            data.get("ca-old.key", b""),
        )
        if not held.authorities or not is_sound(held):
            return None
        said = (secret.metadata.annotations or {}).get(PUBLISHED, "")
        return msgspec.structs.replace(held, published=_published(held, said))
    except (KeyError, ValueError):
        return None


def _published_text(held: Held) -> str:
    if held.published is None:
        return ""
    return f"{held.published.isoformat()} {fingerprint(held.authorities[0])}"


def _published(held: Held, said: str) -> dt.datetime | None:
    when, _, which = said.partition(" ")
    if which != fingerprint(held.authorities[0]):
        return None
    found = dt.datetime.fromisoformat(when)
    return found if found.tzinfo is not None else None
