"""Who may do what in the cluster: a service account, and roles that derive from what is chosen.

One ClusterRole for what is of all namespaces, and a Role in each namespace where less is enough. An
update writes all rules anew, so that a controller that is left out takes its rights along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.control.action import Permission
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.live.kubernetes.rights import (
    LEADING,
    TELLING,
    config_map_rights,
    following_rights,
    performing_rights,
)
from kingtide.operate.installation.installation import NAME, Installation
from kingtide.operate.installation.rules import rules
from kingtide.operate.running.assembly import LEASE, followed_config_maps
from kingtide.roster.registry import CONTROLLERS

_API = "rbac.authorization.k8s.io"


class Grant(msgspec.Struct, frozen=True):
    """Rights in a namespace, or in all of them (an empty one); on objects by name, or on all."""

    rights: tuple[Permission, ...]
    namespace: str = ""
    names: tuple[str, ...] = ()


def grants(installation: Installation) -> tuple[Grant, ...]:
    """Return everything the process may do in the cluster.

    Who only watches takes no Lease and writes no Events either.
    """
    looking = (Grant(following_rights()), *_reading_settings(installation))
    if installation.watch_only:
        return looking
    return (*looking, Grant(TELLING), *_leading(), *_performing(installation))


def roles(installation: Installation) -> tuple[Document, ...]:
    """Return the service account of the controllers, their roles and bindings."""
    said = {"kingtide.dev/controllers": ",".join(installation.controllers)}
    return account_with(NAME, grants(installation), said)


def account_with(
    name: str,
    granted: Iterable[Grant],
    said: Mapping[str, str] | None = None,
    *,
    namespace: str = KINGTIDE_NAMESPACE,
) -> tuple[Document, ...]:
    """Return a service account of a namespace with rights; `said` are annotations of its roles."""
    account: Body = {
        "apiVersion": "v1",
        # The pods ask for their token themselves; nobody else who uses the account gets one.
        "automountServiceAccountToken": False,
        "kind": "ServiceAccount",
        "metadata": metadata(name, namespace),
    }
    by_namespace: dict[str, list[Body]] = {}
    for it in sorted(granted, key=lambda it: it.namespace):
        by_namespace.setdefault(it.namespace, []).extend(rules(it.rights, it.names))
    found = [_role(name, where, of, said) for where, of in by_namespace.items()]
    bindings = (_binding(name, where, namespace) for where in by_namespace)
    return (Document(account), *found, *bindings)


def _leading() -> Iterator[Grant]:
    """Yield the rights on the Lease; one that does not exist has no name that a rule could see."""
    made = tuple(it for it in LEADING if it.verb == "create")
    yield Grant(made, KINGTIDE_NAMESPACE)
    others = tuple(it for it in LEADING if it.verb != "create")
    yield Grant(others, KINGTIDE_NAMESPACE, (LEASE,))


def _reading_settings(installation: Installation) -> Iterator[Grant]:
    by_namespace: dict[str, list[str]] = {}
    for key in followed_config_maps(installation.cluster, installation.runs):
        namespace, _, name = key.partition("/")
        by_namespace.setdefault(namespace, []).append(name)
    for namespace, names in sorted(by_namespace.items()):
        yield Grant(config_map_rights(), namespace, tuple(sorted(names)))


def _performing(installation: Installation) -> Iterator[Grant]:
    """Yield the rights to act: everywhere, but for pause pods, whose Deployments are known."""
    everywhere: dict[Permission, None] = {}
    for run in installation.runs:
        rights = performing_rights(CONTROLLERS[run.key].controller.actions)
        if isinstance(run.policy, OverprovisioningPolicy):
            namespace, _, name = run.policy.deployment.partition("/")
            yield Grant(rights, namespace, (name,))
        else:
            everywhere |= dict.fromkeys(rights)
    if everywhere:
        yield Grant(tuple(sorted(everywhere)))


def _role(name: str, namespace: str, of: list[Body], said: Mapping[str, str] | None) -> Document:
    return Document(
        {
            "apiVersion": f"{_API}/v1",
            "kind": "Role" if namespace else "ClusterRole",
            "metadata": metadata(name, namespace or None, annotations=said),
            "rules": [*_unique(of)],
        }
    )


def _unique(of: list[Body]) -> list[Body]:
    return [it for index, it in enumerate(of) if it not in of[:index]]


def _binding(name: str, namespace: str, of_account: str) -> Document:
    role = "Role" if namespace else "ClusterRole"
    return Document(
        {
            "apiVersion": f"{_API}/v1",
            "kind": f"{role}Binding",
            "metadata": metadata(name, namespace or None),
            "roleRef": {"apiGroup": _API, "kind": role, "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": of_account}],
        }
    )
