"""The clusters as they are: what kops' state store and the API servers hold."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from kingtide.compile.compiled_cluster import OBJECTS_FILE
from kingtide.compile.document import Document
from kingtide.compile.kubernetes.metadata import MANAGED_BY_LABEL, MANAGER
from kingtide.compile.plan.state import ClusterState, FleetState
from kingtide.fleet.documents.tree import Plain
from kingtide.operate.as_written import as_written
from kingtide.operate.commands import Commands, NotRunnable
from kingtide.operate.failures import ToolUnfit
from kingtide.operate.kops_state import READ_SECONDS, KopsState
from kingtide.operate.tools import Tools, find_tools

_WRITTEN_BY_SERVERS = ("creationTimestamp", "generation", "resourceVersion", "uid", "managedFields")


def live_state(
    desired: FleetState, environment: Mapping[str, str], *, kops: str, kubectl: str
) -> FleetState:
    """Return the clusters of a fleet as they are; those that are not there are left out.

    API servers add fields to objects, so of an object only the fields that the fleet defines are
    looked at. Contexts of the user's own kubeconfig are used, each by its cluster's full name.

    Raises:
        ToolUnfit: kops or kubectl is not there, or does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="kingtide-live-") as made:
        folder = Path(made)
        known = {**(environment or os.environ)}
        if desired.state_store:
            known["KOPS_STATE_STORE"] = desired.state_store
        commands = Commands(known)
        needs_kubectl = any(it.objects for it in desired.clusters.values())
        tools = find_tools(
            commands, folder, kops=kops, kubectl=kubectl, needs_kubectl=needs_kubectl
        )
        state = KopsState(commands, tools, folder)
        clusters = {}
        for name, cluster in desired.clusters.items():
            documents = state.documents(cluster.full_name)
            if documents is not None:
                live = _objects(commands, tools, folder, cluster)
                clusters[name] = ClusterState(
                    name=name,
                    full_name=cluster.full_name,
                    kops=tuple(_read_back(documents, cluster)),
                    objects=live,
                    typical=cluster.typical,
                    workloads=cluster.workloads,
                    rank=cluster.rank,
                )
    return FleetState("the clusters as they are", clusters, desired.state_store)


def _objects(
    commands: Commands, tools: Tools, folder: Path, cluster: ClusterState
) -> tuple[Document, ...]:
    """Return the objects that the fleet defines and those that it once did."""
    if not cluster.objects or tools.kubectl is None:
        return ()
    (folder / OBJECTS_FILE).write_text(cluster.objects_text, encoding="utf-8")
    start = (tools.kubectl, "--context", cluster.full_name, "get")
    shaped = {it.key: it for it in cluster.objects}
    defined = _get(commands, folder, (*start, "-f", OBJECTS_FILE, "--ignore-not-found"))
    kinds = ",".join(sorted({_resource(it) for it in cluster.objects}))
    label = f"--selector={MANAGED_BY_LABEL}={MANAGER}"
    ours = _get(commands, folder, (*start, kinds, "--all-namespaces", label))
    found = [Document(_as(shaped[it.key].body, it.body)) for it in defined if it.key in shaped]
    found += [_stub(it) for it in ours if it.key not in shaped]
    return tuple(found)


def _get(commands: Commands, folder: Path, command: tuple[str, ...]) -> list[Document]:
    log = folder / "kubectl.log"
    try:
        answer = commands.run(
            (*command, "-o", "json"), folder=folder, timeout_seconds=READ_SECONDS, log=log
        )
    except NotRunnable as error:
        raise ToolUnfit(str(error)) from error
    if not answer.succeeded:
        raise ToolUnfit(
            f"`kubectl {' '.join(command[1:4])}` {answer.ending}",
            details=answer.last_lines[-5:],
            hint=f"`kops export kubeconfig {command[2]} --admin` writes that context",
        )
    if not answer.stdout.strip():
        return []
    try:
        found = json.loads(answer.stdout, parse_float=Decimal)
    except ValueError as error:
        raise ToolUnfit("kubectl answers with something that is no JSON") from error
    listed = found.get("items", [found])
    return [Document(it) for it in listed]


def _resource(document: Document) -> str:
    group, _, _ = document.api_version.rpartition("/")
    return f"{document.kind.lower()}{f'.{group}' if group else ''}"


def _as(shape: dict[str, Plain], live: dict[str, Plain]) -> dict[str, Plain]:
    """Return a live object with the fields that a shape has, and no others."""
    found: dict[str, Plain] = {}
    for key, value in shape.items():
        other = live.get(key)
        if isinstance(value, dict) and isinstance(other, dict):
            found[key] = _as(value, other)
        elif key in live:
            found[key] = other
    return found


def _stub(document: Document) -> Document:
    """Return what identifies an object: all that is needed to tell that it goes."""
    metadata: dict[str, Plain] = {"name": document.name}
    if document.namespace:
        metadata["namespace"] = document.namespace
    return Document(
        {"apiVersion": document.api_version, "kind": document.kind, "metadata": metadata}
    )


def _read_back(stored: Iterable[Document], desired: ClusterState) -> Iterator[Document]:
    """Yield the documents of the state store in the words of the fleet."""
    known = {(it.kind, it.name): it for it in desired.kops}
    for document in stored:
        found = _stripped(document)
        written = known.get((found.kind, found.name))
        body = found.body if written is None else as_written(written.body, found.body)
        yield Document(body) if isinstance(body, dict) else found


def _stripped(document: Document) -> Document:
    """Return a kops document without what the state store adds."""
    metadata = document.body["metadata"]
    assert isinstance(metadata, dict)  # it has a name
    kept = {key: it for key, it in metadata.items() if key not in _WRITTEN_BY_SERVERS}
    body = {key: it for key, it in document.body.items() if key != "status"}
    return Document({**body, "metadata": kept})
