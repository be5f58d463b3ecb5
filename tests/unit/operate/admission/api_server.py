"""An API server that holds the Secret and the configurations, and compares versions."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import httpx2
import msgspec

from kingtide.controllers.admission.webhooks import CONFIGURATION
from kingtide.kube.patching.merge_patch import merge_patched

SECRETS = "/api/v1/namespaces/kingtide-system/secrets"


class OneSecret(httpx2.AsyncBaseTransport):
    """Answers for one Secret and both configurations."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.version = 0

    def configure(self, configuration: Any) -> None:
        """Put a configuration there, as `kingtide install` does."""
        plural = f"{configuration['kind'].lower()}s"
        path = f"/apis/admissionregistration.k8s.io/v1/{plural}/{CONFIGURATION}"
        self.objects[path] = msgspec.json.decode(msgspec.json.encode(configuration))

    @property
    def bundle(self) -> bytes:
        """What API servers trust, by the entries; all of them say the same."""
        found = {
            entry["clientConfig"].get("caBundle", "")
            for it in self.objects.values()
            for entry in it.get("webhooks", ())
        }
        (one,) = found
        return base64.b64decode(one)

    @property
    def secret(self) -> dict[str, Any]:
        return self.objects[f"{SECRETS}/{CONFIGURATION}"]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        await asyncio.sleep(0)  # others are served in between
        if request.method == "GET":
            found = self.objects.get(path)
            response = _json(404, {}) if found is None else _json(200, found)
            await asyncio.sleep(0)
            return response
        sent = msgspec.json.decode(await request.aread())
        self.writes.append(f"{request.method} {path}")
        self.version += 1
        if request.method == "POST":
            path = f"{path}/{sent['metadata']['name']}"
            if path in self.objects:
                return _json(409, {})
            self.objects[path] = sent
        elif path not in self.objects:
            return _json(404, {})
        elif "apply-patch" in request.headers["content-type"]:
            by_name = {it["name"]: it for it in self.objects[path]["webhooks"]}
            for it in sent["webhooks"]:
                by_name[it["name"]]["clientConfig"] |= it["clientConfig"]
        else:
            live = self.objects[path]
            said = sent["metadata"].get("resourceVersion")
            if said != live["metadata"]["resourceVersion"]:
                return _json(409, {})
            self.objects[path] = merge_patched(live, sent)
        self.objects[path]["metadata"]["resourceVersion"] = str(self.version)
        return _json(200, self.objects[path])


def _json(code: int, body: Any) -> httpx2.Response:
    return httpx2.Response(code, content=msgspec.json.encode(body))
