"""What a pod needs to run on the nodes of an application group."""

from __future__ import annotations

from kingtide.compile.document import Body
from kingtide.compile.subject import Subject
from kingtide.fleet.expansion import dedicated_toleration
from kingtide.kube.nodes import GROUP_LABEL


def placement(subject: Subject, group: str) -> Body:
    """Return the node selector, and the toleration where the group is dedicated."""
    found: Body = {"nodeSelector": {GROUP_LABEL: group}}
    if subject.spec.node_groups[group].dedicated:
        toleration = dedicated_toleration(group)
        found["tolerations"] = [
            {
                "effect": toleration.effect,
                "key": toleration.key,
                "operator": toleration.operator,
                "value": toleration.value,
            }
        ]
    return found
