"""What kubectl asks of the schema before it asks for objects: versions 2 and 3, where needed."""

from __future__ import annotations

from typing import Any

from kingtide.twin.apiserver.resources import Resources


class OpenApi:
    """Tells which kinds there are; their fields are not described."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def v2(self) -> dict[str, Any]:
        """Return the whole schema as version 2 has it."""
        head = {"swagger": "2.0", "info": {"title": "Kubernetes", "version": "v1.35.0"}}
        return head | {"paths": {}, "definitions": {}}

    def index(self) -> dict[str, Any]:
        """Return where version 3 has the schema of each group's version."""
        versions = dict.fromkeys(it.api_version for it in self._resources)
        names = [f"apis/{it}" if "/" in it else f"api/{it}" for it in versions]
        return {"paths": {it: {"serverRelativeURL": f"/openapi/v3/{it}"} for it in names}}

    def v3(self, path: str) -> dict[str, Any] | None:
        """Return the schema of a group's version (`apis/apps/v1`), None where there is none."""
        if path not in self.index()["paths"]:
            return None
        head = {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.35.0"}}
        return head | {"paths": {}, "components": {"schemas": {}}}
