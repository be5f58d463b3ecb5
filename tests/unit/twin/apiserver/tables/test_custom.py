"""JSONPaths of the columns of custom kinds."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.twin.apiserver.tables.custom import at_path

READY = {"type": "Ready", "status": "True"}
BODY = {
    "metadata": {"labels": {"kubernetes.io/name": "n"}},
    "spec": {"replicas": 3, "hosts": ["a", "b"], "off": None},
    "status": {"conditions": [{"type": "Other", "status": "False"}, READY]},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.replicas", [3]),
        (".spec.hosts[1]", ["b"]),
        (".spec.hosts[*]", ["a", "b"]),
        (".spec.hosts[7]", []),
        (".spec.off", []),
        (".spec.replicas.more", []),
        (r".metadata.labels.kubernetes\.io/name", ["n"]),
        (".metadata.labels['kubernetes.io/name']", ["n"]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".spec..replicas", []),
    ],
)
def test_a_path_leads_to(path: str, found: list[Any]) -> None:
    assert [*at_path(BODY, path)] == found
