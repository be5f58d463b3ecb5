from __future__ import annotations

from typing import Any

import pytest

from kingtide.operate.installation.notes import notes
from kingtide.operate.installation.role import role
from tests.unit.operate.installation.installations import CLUSTER, QUEUE, installation

IMAGE = "images.example.com/kingtide:1"


def with_role(**changes: Any) -> dict[str, Any]:
    found: Any = role(installation(queue=QUEUE))
    (account,) = found["iam"]["serviceAccounts"]
    accounts = [{**account, **changes}]
    return {**CLUSTER, "iam": {"serviceAccounts": accounts, "issuerBucket": "s3://acme-oidc"}}


def test_an_installation_that_lacks_nothing_has_no_notes() -> None:
    found = notes(installation(spec=with_role(), image=IMAGE, queue=QUEUE))
    assert [*found] == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({"queue": None}, "spot-interruption hears of no interruption", id="queue"),
        pytest.param({"image": "kingtide:1"}, "names no registry", id="image"),
        pytest.param({"group": "tools"}, "has no group 'tools'", id="group"),
        pytest.param({"group": "workers"}, "has spot nodes only", id="spot"),
        pytest.param({"spec": CLUSTER}, "no role: put what --role prints", id="role"),
        pytest.param(
            {"spec": with_role(statements=[{"Effect": "Allow", "Action": ["autoscaling:*"]}])},
            "does not name ec2:DescribeInstances",
            id="statements",
        ),
    ],
)
def test_what_is_lacking_is_said(settings: dict[str, Any], said: str) -> None:
    complete = {"spec": with_role(), "image": IMAGE, "queue": QUEUE}
    (note,) = notes(installation(**(complete | settings)))
    assert said in note
