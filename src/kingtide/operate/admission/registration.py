"""Keeps the webhook configurations' caBundle as the certificates are, by server-side apply.

Inside a cluster `kingtide install` writes the configurations, and only the bundle of their entries
is ours to set. Run from outside (`--webhook-url`), everything of them is.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from kingtide.controllers.admission.webhooks import (
    CONFIGURATION,
    KINDS,
    VERSION,
    ServiceReach,
    UrlReach,
    webhook_configurations,
)
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.live.kubernetes.failures import ApiRefused
from kingtide.live.kubernetes.performing.api import Api

FIELD_MANAGER = "kingtide-admission"
Reach = ServiceReach | UrlReach


class _Client(msgspec.Struct, rename="camel"):
    ca_bundle: str = ""


class _Entry(msgspec.Struct, rename="camel"):
    name: str
    client_config: _Client = msgspec.field(default_factory=_Client)


class _Configuration(msgspec.Struct):
    webhooks: list[_Entry] | None = None


async def register(api: Api, policy: AdmissionPolicy, reach: Reach, bundle: bytes) -> bool:
    """Have API servers trust a bundle; return whether all configurations are there and do.

    Raises:
        ApiRefused: they may not be read or written.
    """
    text = base64.b64encode(bundle).decode()
    is_done = True
    for wanted in webhook_configurations(policy, reach, text):
        path = f"/apis/{VERSION}/{_plural(wanted['kind'])}/{CONFIGURATION}"
        found = await _read(api, path)
        if isinstance(reach, UrlReach):
            await _apply(api, path, wanted)
        elif found is None:
            is_done = False
        elif found.webhooks and any(it.client_config.ca_bundle != text for it in found.webhooks):
            await _apply(api, path, _bundle_alone(wanted, found, text))
    return is_done


def _bundle_alone(wanted: Mapping[str, Any], found: _Configuration, text: str) -> Mapping[str, Any]:
    entries = [{"name": it.name, "clientConfig": {"caBundle": text}} for it in found.webhooks or ()]
    head = {"apiVersion": VERSION, "kind": wanted["kind"], "metadata": {"name": CONFIGURATION}}
    return head | {"webhooks": entries}


async def _read(api: Api, path: str) -> _Configuration | None:
    try:
        return msgspec.json.decode(await api.read(path), type=_Configuration)
    except ApiRefused as error:
        if error.code == 404:
            return None
        raise


async def _apply(api: Api, path: str, body: Mapping[str, Any]) -> None:
    params = {"fieldManager": FIELD_MANAGER, "force": "true"}
    await api.write("PATCH", path, body, "application/apply-patch+yaml", params)


def _plural(kind: str) -> str:
    assert kind in KINDS.values()
    return f"{kind.lower()}s"
