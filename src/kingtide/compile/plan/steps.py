"""Every command that makes a plan so, in order.

The sequence is that of `kops reconcile cluster` with gates between its parts, the Kubernetes
objects where new nodes find them, and deletions last. Source:
https://kops.sigs.k8s.io/tutorial/upgrading-kubernetes/ (kops 1.31 and later) and
https://kops.sigs.k8s.io/cli/kops/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kingtide.compile.compiled_cluster import KOPS_FILE, OBJECTS_FILE
from kingtide.compile.document import Document
from kingtide.compile.plan.model import ClusterChange, GroupChange, Phase, Step
from kingtide.compile.plan.object_changes import removed, replaced
from kingtide.compile.plan.pace import DRAIN_TIMEOUT_SECONDS
from kingtide.compile.plan.state import ClusterState

FIELD_MANAGER = "kingtide"

CONTROL_PLANE_ROLES = "control-plane,apiserver"
CREDENTIALS_HOURS = 18
"""Lifetime of the credentials for a run, kops' own default for them."""
SHORT_SECONDS = 300
"""For commands that read or write the state store or a few objects."""
UPDATE_SECONDS = 3600
"""For commands that change cloud resources: a NAT gateway takes minutes, a throttled API longer."""
WAIT_MINUTES = 10
WAIT_NEW_MINUTES = 30
"""For the first instances of a cluster: they boot, elect, pull every image."""
ATTEMPTS = 3
"""Tries of what fails of itself now and then (throttled APIs); what a person must see has one."""


def steps(
    before: ClusterState | None,
    after: ClusterState,
    change: ClusterChange,
    groups: Sequence[GroupChange],
    *,
    kops_changed: bool,
    objects_changed: bool,
) -> tuple[Step, ...]:
    """Return the steps of one cluster, none where nothing changes."""
    if change not in ("new", "changed") or not (kops_changed or objects_changed):
        return ()
    found = list(_steps(before, after, groups, kops_changed, objects_changed))
    return tuple(_numbered(found))


def _steps(
    before: ClusterState | None,
    after: ClusterState,
    groups: Sequence[GroupChange],
    kops_changed: bool,
    objects_changed: bool,
) -> Iterator[Step]:
    name = after.full_name
    old_objects = before.objects if before is not None else ()
    if before is None:
        yield _replace()
        yield _update(name, "update", "make the cluster's cloud resources", ())
        yield _access(name)
        yield _validate(name, "gate", WAIT_NEW_MINUTES, "the new cluster is up")
    else:
        yield _access(name)
        if kops_changed:
            yield _replace()
            yield from _control_plane(name, groups)
            yield _update(name, "update", "bring all cloud resources to the desired state", ())
    if objects_changed:
        yield from _apply(name, old_objects, after.objects)
    if kops_changed and before is not None:
        yield from _roll_nodes(name, groups)
    yield from _delete_objects(name, removed(old_objects, after.objects))
    yield from _delete_groups(name, groups)
    if kops_changed and before is not None:
        yield _update(name, "prune", "delete what only the old state needed", ("--prune",))
    yield _validate(name, "validate", WAIT_MINUTES, "the cluster is healthy")


def _control_plane(name: str, groups: Sequence[GroupChange]) -> Iterator[Step]:
    """Yield the control plane's part: kubelets must not be newer than the API they ask."""
    api = [
        it for it in groups if it.effect == "rolls" and it.role in ("control-plane", "apiserver")
    ]
    if not api:
        return
    roles = (f"--instance-group-roles={CONTROL_PLANE_ROLES}",)
    yield _update(name, "update control plane", "so that no node is newer than its API", roles)
    yield _validate(name, "gate", WAIT_MINUTES, "the control plane is rolled only from health")
    yield from (_roll(name, it, "roll control plane") for it in api)
    yield _validate(name, "gate", WAIT_MINUTES, "nodes follow a healthy control plane only")


def _roll_nodes(name: str, groups: Sequence[GroupChange]) -> Iterator[Step]:
    rolling = [it for it in groups if it.effect == "rolls" and it.role in ("bastion", "node")]
    if rolling:
        yield _validate(name, "gate", WAIT_MINUTES, "nodes are rolled only from health")
    yield from (_roll(name, it, "roll nodes") for it in rolling)
    if rolling:
        yield _validate(name, "gate", WAIT_MINUTES, "nothing is deleted before nodes are well")


def _apply(name: str, before: Iterable[Document], after: Sequence[Document]) -> Iterator[Step]:
    for document in replaced(before, after):
        why = f"a field of {document.kind} {document.name} changes that the API keeps"
        yield _delete(name, document, "replace object", why)
    command = (
        *("kubectl", "--context", name, "apply", "--server-side"),
        *(f"--field-manager={FIELD_MANAGER}", "-f", OBJECTS_FILE),
    )
    why = "what new nodes and pods need is there before them"
    yield _step("objects", command, why, SHORT_SECONDS, attempts=ATTEMPTS)


def _delete_objects(name: str, gone: Iterable[Document]) -> Iterator[Step]:
    for document in gone:
        why = f"{document.kind} {document.name} left the definition"
        yield _delete(name, document, "delete object", why)


def _delete_groups(name: str, groups: Iterable[GroupChange]) -> Iterator[Step]:
    """Yield drain and deletion: kops deletes a group's instances without draining them."""
    gone = [it for it in groups if it.effect == "deleted" and it.role in ("bastion", "node")]
    for group in gone:
        if group.role == "node":
            drain = (
                *("kubectl", "--context", name, "drain"),
                f"--selector=kops.k8s.io/instancegroup={group.name}",
                *("--ignore-daemonsets", "--delete-emptydir-data"),
                f"--timeout={DRAIN_TIMEOUT_SECONDS}s",
            )
            bound = (DRAIN_TIMEOUT_SECONDS + 60) * max(1, group.nodes.maximum)
            yield _step("drain group", drain, "kops deletes instances without draining them", bound)
        delete = ("kops", "delete", "instancegroup", group.name, "--name", name, "--yes")
        why = f"{group.name} left the definition, and kops replace deletes no group"
        yield _step("delete group", delete, why, UPDATE_SECONDS)


def _access(name: str) -> Step:
    command = ("kops", "export", "kubeconfig", name, f"--admin={CREDENTIALS_HOURS}h0m0s")
    why = "credentials for this run alone, in its own kubeconfig"
    return _step("access", command, why, SHORT_SECONDS, attempts=ATTEMPTS, always=True)


def _replace() -> Step:
    command = ("kops", "replace", "-f", KOPS_FILE, "--force")
    why = "write the desired state to the state store"
    return _step("desired state", command, why, SHORT_SECONDS, attempts=ATTEMPTS)


def _update(name: str, phase: Phase, why: str, flags: tuple[str, ...]) -> Step:
    command = ("kops", "update", "cluster", name, *flags, "--yes")
    return _step(phase, command, why, UPDATE_SECONDS, attempts=ATTEMPTS)


def _roll(name: str, group: GroupChange, phase: Phase) -> Step:
    command = (
        *("kops", "rolling-update", "cluster", name),
        *(f"--instance-group={group.name}", "--yes"),
    )
    why = f"replace the instances of {group.name}"
    return _step(phase, command, why, group.longest_seconds)


def _validate(name: str, phase: Phase, minutes: int, why: str) -> Step:
    command = (
        *("kops", "validate", "cluster", name, "--wait", f"{minutes}m"),
        *("--count", "3", "-o", "json"),
    )
    # It tries for so long by itself; the rest is for its start and its last look.
    return _step(phase, command, why, minutes * 60 + SHORT_SECONDS)


def _delete(name: str, document: Document, phase: Phase, why: str) -> Step:
    group, _, _ = document.api_version.rpartition("/")
    resource = f"{document.kind.lower()}{f'.{group}' if group else ''}"
    where = ("--namespace", document.namespace) if document.namespace else ()
    command = (
        *("kubectl", "--context", name, *where, "delete", resource, document.name),
        *("--ignore-not-found", "--wait"),
    )
    return _step(phase, command, why, SHORT_SECONDS, attempts=ATTEMPTS)


def _step(
    phase: Phase,
    command: tuple[str, ...],
    why: str,
    timeout_seconds: int,
    *,
    attempts: int = 1,
    always: bool = False,
) -> Step:
    return Step(
        name=phase.replace(" ", "-"),
        phase=phase,
        command=command,
        why=why,
        timeout_seconds=timeout_seconds,
        attempts=attempts,
        gate=phase in ("gate", "validate"),
        always=always,
    )


def _numbered(found: Sequence[Step]) -> Iterator[Step]:
    for number, step in enumerate(found, start=1):
        yield msgspec.structs.replace(step, name=f"{number:02d}-{step.name}")
