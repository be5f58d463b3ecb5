from __future__ import annotations

from kingtide.control.action import Permission
from kingtide.operate.installation.rules import rules


def test_resources_of_one_group_with_the_same_verbs_share_a_rule() -> None:
    found = rules(
        [
            Permission("core", "list", "pods"),
            Permission("core", "watch", "nodes"),
            Permission("core", "list", "nodes"),
            Permission("core", "watch", "pods"),
            Permission("core", "create", "pods", "eviction"),
            Permission("apps", "list", "deployments"),
            Permission("apps", "list", "deployments"),
        ]
    )
    assert found == [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["list", "watch"]},
    ]


def test_a_rule_on_names_is_of_no_other_object() -> None:
    (found,) = rules([Permission("core", "get", "configmaps")], ["a", "b"])
    assert found["resourceNames"] == ["a", "b"]
