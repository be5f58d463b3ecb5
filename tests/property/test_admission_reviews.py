"""Whatever comes, a review ends; what it changed once it leaves alone."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kingtide.controllers.admission.review import review, review_update
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.controllers.admission.verdict import Verdict
from kingtide.fleet.policies.admission import AdmissionPolicy, GuaranteedAdmission
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.patching.json_patch import json_patched
from tests.unit.controllers.admission.objects import POLICY, SNAPSHOT

LIMITS = GuaranteedAdmission(missing_limits="copyFromRequests")
CHANGING = msgspec.structs.replace(POLICY, templates=True, daemon_sets=LIMITS)

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False),
    st.sampled_from(["", "api", "100m", "ClusterFirst", "Exists", "high", "default", "{{"]),
    st.lists(st.none(), max_size=2), st.dictionaries(st.sampled_from(["a", "name"]), st.none()),
)  # fmt: skip
"""Values where other types belong."""
AMOUNTS = st.dictionaries(
    st.sampled_from(["cpu", "memory"]),
    st.sampled_from(["100m", "64Mi", "0", 1, "many", None, 10**5000]),
)
TOLERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "key": st.sampled_from([GROUP_LABEL, "spot", ""]) | ODD,
        "operator": st.sampled_from(["Exists", "Equal"]) | ODD,
        "value": st.sampled_from(["api", "workers"]) | ODD,
        "effect": st.sampled_from(["NoSchedule", "NoExecute"]) | ODD,
    },
)
CONTAINERS = st.fixed_dictionaries(
    {},
    optional={
        "name": ODD,
        "resources": ODD
        | st.fixed_dictionaries({}, optional={"limits": AMOUNTS | ODD, "requests": AMOUNTS | ODD}),
    },
)
OPTIONS = st.fixed_dictionaries({"name": st.sampled_from(["ndots", "use-vc"]) | ODD})
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "containers": st.lists(CONTAINERS | ODD, max_size=3) | ODD,
        "initContainers": st.lists(CONTAINERS | ODD, max_size=2) | ODD,
        "tolerations": st.lists(TOLERATIONS | ODD, max_size=3) | ODD,
        "nodeSelector": st.dictionaries(st.just(GROUP_LABEL), st.just("api") | ODD) | ODD,
        "dnsConfig": ODD
        | st.fixed_dictionaries({}, optional={"options": st.lists(OPTIONS | ODD) | ODD}),
        "dnsPolicy": st.sampled_from(["ClusterFirst", "Default"]) | ODD,
        "hostNetwork": ODD,
        "priorityClassName": st.sampled_from(["high", "default"]) | ODD,
        "priority": ODD,
        "preemptionPolicy": ODD,
        "affinity": ODD,
        "resources": ODD | st.fixed_dictionaries({"limits": AMOUNTS | ODD}),
    },
)
ALERTS = st.fixed_dictionaries(
    {"alert": ODD}, optional={"labels": st.just({"severity": "a"}) | ODD}
)
GROUPS = st.fixed_dictionaries({}, optional={"rules": st.lists(ALERTS | ODD) | ODD, "labels": ODD})


def within(spec: Any) -> Any:
    """Return everything that a pod's spec may stand in."""
    template = {"template": {"spec": spec}}
    return {
        **(spec if isinstance(spec, dict) else {}),
        **template,
        "jobTemplate": {"spec": template},
    }


OBJECTS = st.fixed_dictionaries(
    {
        "apiVersion": st.sampled_from(["v1", "apps/v1", "batch/v1", "monitoring.coreos.com/v1"])
        | ODD,
        "kind": st.sampled_from(["Pod", "Deployment", "DaemonSet", "CronJob", "PrometheusRule"])
        | ODD,
        "metadata": st.fixed_dictionaries(
            {}, optional={"namespace": st.sampled_from(["shop", "api", "batch", "lost"]) | ODD,
                          "labels": ODD, "annotations": ODD, "ownerReferences": ODD,
                          "deletionTimestamp": ODD}
        ) | ODD,
        "spec": (SPECS | ODD).map(within)
        | st.fixed_dictionaries({"groups": st.lists(GROUPS | ODD) | ODD}) | ODD,
    }
)  # fmt: skip


def judged(body: Any, policy: AdmissionPolicy = CHANGING) -> Verdict:
    return review(body, SNAPSHOT, policy)


@given(OBJECTS | ODD | st.recursive(ODD, lambda it: st.lists(it, max_size=2), max_leaves=4))
def test_no_object_is_stumbled_over_and_a_review_of_the_reviewed_changes_nothing(body: Any) -> None:
    verdict = judged(body)
    changed = json_patched(body, verdict.operations)
    assert judged(changed).changes == ()
    for told in (*verdict.refusals, *verdict.warnings):
        assert told.wrong
        assert told.instead
    review(body, AdmissionSnapshot(), CHANGING)
    assert review_update(body, body, SNAPSHOT, CHANGING).allowed


@given(OBJECTS, st.randoms(use_true_random=False))
def test_changes_can_be_made_in_any_order(body: Any, chance: random.Random) -> None:
    operations = list(judged(body).operations)
    expected = json_patched(body, operations)
    chance.shuffle(operations)
    assert json_patched(body, operations) == expected


@given(OBJECTS)
def test_a_webhooks_entries_together_say_what_one_review_says(body: Any) -> None:
    whole = judged(body)
    parts = [review(body, SNAPSHOT, CHANGING, only=it) for it in ("open", "closed")]
    assert sorted(it.path for each in parts for it in each.operations) == (
        sorted(it.path for it in whole.operations)
    )
    assert all(it.allowed for it in parts) == whole.allowed


def test_an_object_of_three_megabytes_is_reviewed() -> None:
    one = {"name": "c", "resources": {"requests": {"cpu": "100m"}}, "env": [{"name": "x" * 1000}]}
    body = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "large", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [one] * 3000}}},
    }
    verdict = judged(body)
    assert len(verdict.refusals) == 21
    assert judged(json_patched(body, verdict.operations)).changes == ()
