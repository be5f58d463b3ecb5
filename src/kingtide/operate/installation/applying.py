"""Puts manifests onto a cluster by server-side apply, after asking it who it is.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from kingtide.compile.document import Document
from kingtide.control.safety import identity_verdict
from kingtide.kube.namespaces import CLUSTER_ANNOTATION, KINGTIDE_NAMESPACE
from kingtide.live.kubernetes.failures import ApiRefused
from kingtide.live.kubernetes.performing.api import Api

MANAGER = "kingtide-install"
"""The field manager: not `kingtide`, which the running process is, with fields of its own."""
PLURALS = {
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "ConfigMap": "configmaps",
    "Deployment": "deployments",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
    "Namespace": "namespaces",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
    "ServiceMonitor": "servicemonitors",
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
}
"""By kind, as the API's paths have them."""
NOT_FOUND = 404

Became = Literal["created", "changed", "unchanged", "unchecked"]


class OtherCluster(Exception):
    """The cluster is not the one that is meant; `found` is None where it says nothing."""

    def __init__(self, found: str | None) -> None:
        super().__init__(found or "")
        self.found = found


class Applied(msgspec.Struct, frozen=True):
    """What became of an object; in a dry run, what would.

    `unchecked`: its namespace is not there yet, so that the server says nothing of it.
    """

    document: Document
    became: Became


class Refused(Exception):
    """The API server takes an object not; `before` it others were taken."""

    def __init__(self, document: Document, before: tuple[Applied, ...], error: ApiRefused) -> None:
        super().__init__(str(error))
        self.document = document
        self.before = before
        self.error = error


class _Metadata(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    annotations: dict[str, str] = {}


class _Object(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


async def check_identity(api: Api, full_name: str, *, is_new: bool = False) -> None:
    """Refuse a cluster that is another one, or does not say unless it `is_new`.

    Raises:
        OtherCluster: it is.
        ApiRefused, TimeoutError, httpx2.HTTPError: as `Api.read` does.
    """
    body = await _read(api, f"/api/v1/namespaces/{KINGTIDE_NAMESPACE}")
    found = None if body is None else body.metadata.annotations.get(CLUSTER_ANNOTATION)
    if found is None and is_new:
        return
    if identity_verdict(full_name, found) is not None:
        raise OtherCluster(found)


async def apply_all(
    api: Api, documents: Sequence[Document], *, is_dry: bool = False, force: bool = False
) -> tuple[Applied, ...]:
    """Apply objects in their order; with `force` fields are taken from whoever has them.

    Raises:
        Refused: the server does not take one; none after it is sent.
        TimeoutError, httpx2.HTTPError: as `Api.write` does.
    """
    done: list[Applied] = []
    coming = {it.name for it in documents if it.kind == "Namespace"}
    for document in documents:
        try:
            became = await _apply(api, document, is_dry=is_dry, force=force)
        except ApiRefused as error:
            if not (is_dry and error.code == NOT_FOUND and document.namespace in coming):
                raise Refused(document, tuple(done), error) from error
            became = "unchecked"
        done.append(Applied(document, became))
    return tuple(done)


async def _apply(api: Api, document: Document, *, is_dry: bool, force: bool) -> Became:
    path = _path(document)
    before = await _read(api, path)
    params = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
    if force:
        params["force"] = "true"
    if is_dry:
        params["dryRun"] = "All"
    answer = await api.write("PATCH", path, document.body, "application/apply-patch+yaml", params)
    if before is None:
        return "created"
    after = msgspec.json.decode(answer, type=_Object)
    same = before.metadata.resource_version == after.metadata.resource_version
    return "unchanged" if same else "changed"


async def _read(api: Api, path: str) -> _Object | None:
    try:
        return msgspec.json.decode(await api.read(path), type=_Object)
    except ApiRefused as error:
        if error.code == NOT_FOUND:
            return None
        raise


def _path(document: Document) -> str:
    root = "/apis" if "/" in document.api_version else "/api"
    within = f"/namespaces/{document.namespace}" if document.namespace else ""
    return f"{root}/{document.api_version}{within}/{PLURALS[document.kind]}/{document.name}"
