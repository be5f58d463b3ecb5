"""How many machines an InstanceGroup may have, and how they are replaced."""

from __future__ import annotations

import re

from kingtide.check.kops_documents import CONTROL_PLANE, Fault, Faults, KopsDocuments, role_of
from kingtide.check.plain_values import map_at, number_at, text_at, value_at
from kingtide.check.rule import Rule
from kingtide.check.rules.kops.located import group_patch, in_kops
from kingtide.fleet.documents.tree import Plain
from kingtide.fleet.fields import duration_ms

_SHORTEST_LIFE_MS = 24 * 3_600_000
"""Auto Scaling refuses a shorter maximum instance lifetime.

Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html"""


def _sizes(documents: KopsDocuments) -> Faults:
    """Note groups without both bounds, and those whose least is above their most."""
    for group in documents.groups:
        least = number_at(group.body, "spec", "minSize")
        most = number_at(group.body, "spec", "maxSize")
        if text_at(group.body, "spec", "manager") == "Karpenter":
            continue
        if least is None or most is None:
            field = "minSize" if least is None else "maxSize"
            wrong = f"has no {field}, so that kops takes 2 for nodes and 1 for the control plane"
            yield Fault(group, ("spec", field), wrong, f"write `{field}:`")
        elif least > most:
            wrong = f"minSize {least} is above maxSize {most}"
            yield Fault(group, ("spec", "minSize"), wrong, f"write {most} or less")
        elif least < 0:
            yield Fault(group, ("spec", "minSize"), f"{least} is negative", "write 0 or more")


def _control_plane_sizes(documents: KopsDocuments) -> Faults:
    """Note groups of the control plane that are not of exactly one machine."""
    for group in documents.control_plane:
        for field in ("minSize", "maxSize"):
            found = number_at(group.body, "spec", field)
            if found is not None and found != 1:
                wrong = f"a group of the control plane has {field} {found}, and must have 1"
                advice = "write 1; more machines of the control plane are more groups"
                yield Fault(group, ("spec", field), wrong, advice)


def _rolling_updates(documents: KopsDocuments) -> Faults:
    """Note rolling updates that may neither add nor miss a machine, so that none can be replaced.

    An absent maxSurge is 0 and an absent maxUnavailable 1: only a written pair is stuck.
    """
    for document in (documents.cluster, *documents.groups):
        at = ("spec", "rollingUpdate")
        settings = map_at(document.body, *at)
        surge, unavailable = settings.get("maxSurge"), settings.get("maxUnavailable")
        if _is_none(unavailable) and (surge is None or _is_none(surge)):
            wrong = "maxSurge and maxUnavailable are both 0: no machine could ever be replaced"
            yield Fault(document, (*at, "maxUnavailable"), wrong, "let one of them be 1 or more")
        if role_of(document) == CONTROL_PLANE and surge is not None and not _is_none(surge):
            wrong = f"maxSurge is {surge}, and a control plane's machines cannot be doubled"
            yield Fault(document, (*at, "maxSurge"), wrong, "write 0 or leave it out")


def _lifetimes(documents: KopsDocuments) -> Faults:
    """Note maximum lifetimes of instances below a day."""
    for group in documents.groups:
        at = ("spec", "maxInstanceLifetime")
        written = text_at(group.body, *at)
        try:
            found = duration_ms(written) if written else 0
        except ValueError:
            yield Fault(group, at, f"{written!r} is not a duration", "write for example 168h")
            continue
        if 0 < found < _SHORTEST_LIFE_MS:
            yield Fault(
                group, at, f"{written} is below the 24h that AWS takes", "write 24h or more"
            )


def _warm_pools(documents: KopsDocuments) -> Faults:
    """Note warm pools where kops takes none, and those of impossible size."""
    shared = map_at(documents.cluster.body, "spec", "warmPool")
    for group in documents.groups:
        at = ("spec", "warmPool")
        own = map_at(group.body, *at)
        pool = {**shared, **own}
        if not pool or (not own and role_of(group) not in ("Node", "APIServer")):
            continue
        least, most = number_at(pool, "minSize") or 0, number_at(pool, "maxSize")
        if most == 0:
            continue
        if role_of(group) not in ("Node", "APIServer"):
            wrong = f"a group of role {role_of(group) or 'none'} cannot have a warm pool"
            yield Fault(group, at, wrong, "take it out; groups of role Node and APIServer can")
        if value_at(group.body, ("spec", "maxPrice")) is not None:
            wrong = "a warm pool cannot hold spot instances, and maxPrice asks for them"
            yield Fault(group, at, wrong, "take out warmPool or maxPrice")
        if least < 0 or (most is not None and least > most):
            wrong = f"minSize {least} and maxSize {most} of the warm pool do not fit together"
            yield Fault(group, (*at, "minSize"), wrong, "write 0 or more, and no more than maxSize")


def _is_none(amount: Plain) -> bool:
    return (amount == 0 and not isinstance(amount, bool)) or (
        isinstance(amount, str) and re.fullmatch("0+%?", amount) is not None
    )


RULES = (
    Rule(
        code="KT611",
        title="A group whose sizes do not fit",
        severity="error",
        why="kops refuses a least above the most. Where one is missing it takes 2 machines"
        " for nodes, whatever the fleet meant.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch("minSize: 5, maxSize: 3"),
        passing=group_patch("minSize: 3, maxSize: 5"),
        check=in_kops(_sizes),
    ),
    Rule(
        code="KT612",
        title="A group of the control plane that is not of one machine",
        severity="error",
        why="Each machine of the control plane keeps its own etcd volume in its own zone."
        " kops refuses groups of more; more machines are more groups.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch("minSize: 1, maxSize: 3", "control-plane-eu-west-1a"),
        passing=group_patch("minSize: 1, maxSize: 1", "control-plane-eu-west-1a"),
        check=in_kops(_control_plane_sizes),
    ),
    Rule(
        code="KT620",
        title="A rolling update that cannot replace anything",
        severity="error",
        why="With neither a machine more nor a machine less no machine can ever be"
        " replaced, and the update fails before it begins. kops refuses maxSurge for the"
        " control plane, whose volumes cannot be in two places.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch("rollingUpdate: {maxSurge: 0, maxUnavailable: 0}"),
        passing=group_patch("rollingUpdate: {maxSurge: 2, maxUnavailable: 0}"),
        check=in_kops(_rolling_updates),
    ),
    Rule(
        code="KT622",
        title="A maximum instance lifetime below a day",
        severity="error",
        why="Auto Scaling refuses it, after kops has already changed other things.",
        source="https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html",
        failing=group_patch("maxInstanceLifetime: 12h"),
        passing=group_patch("maxInstanceLifetime: 168h"),
        check=in_kops(_lifetimes),
    ),
    Rule(
        code="KT623",
        title="A warm pool that is refused",
        severity="error",
        why="Machines of a warm pool wait stopped, which spot instances cannot, and a"
        " control plane has no use for.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch('maxPrice: "0.5", warmPool: {minSize: 1, maxSize: 4}'),
        passing=group_patch("warmPool: {minSize: 1, maxSize: 4}"),
        check=in_kops(_warm_pools),
    ),
)
