from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.failures import NotConnectable

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: one
clusters:
- {name: one, cluster: {server: "http://127.0.0.1:1"}}
- {name: two, cluster: {server: "http://127.0.0.1:2"}}
contexts:
- {name: one, context: {cluster: one, user: me}}
- {name: two, context: {cluster: two, user: me}}
users:
- {name: me, user: {token: hunter2}}
"""


def written(tmp_path: Path, text: str = KUBECONFIG) -> Path:
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    return path


def test_a_context_names_the_cluster(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert str(cluster_connection(path).base_url) == "http://127.0.0.1:1"
    assert str(cluster_connection(path, "two").base_url) == "http://127.0.0.1:2"


def test_the_environment_names_a_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(written(tmp_path)))
    assert str(cluster_connection().base_url) == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    "text",
    [
        KUBECONFIG.replace("cluster: one, user", "cluster: gone, user"),
        KUBECONFIG.replace("current-context: one", "current-context: gone"),
        "a: [",
        "[]",
        "",
    ],
    ids=["cluster", "context", "no YAML", "a list", "nothing"],
)
def test_a_kubeconfig_that_leads_nowhere_is_told_without_its_secrets(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(NotConnectable) as caught:
        cluster_connection(written(tmp_path, text))
    assert "--kubeconfig" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_an_absent_kubeconfig_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotConnectable, match="not found"):
        cluster_connection(tmp_path / "absent")
