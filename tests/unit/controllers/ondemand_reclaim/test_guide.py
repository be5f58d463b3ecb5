"""The guides name every setting, every flag of draino and the cases that differ."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy, PodFilterPolicy
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.fleet.policies.written import written_name
from tests.vectors import cases

GUIDES = "docs/guides"


def _settings(policy: type[msgspec.Struct], prefix: str = "") -> list[str]:
    names = [written_name(field.name) for field in msgspec.structs.fields(policy)]
    return [prefix + name for name in names if name != "pods"]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (
            "on-demand-reclaim.md",
            [*_settings(OndemandReclaimPolicy), *_settings(PodFilterPolicy, "pods.")],
        ),
        ("prescaling.md", _settings(PrescalingPolicy)),
    ],
    ids=["on-demand-reclaim", "prescaling"],
)
def test_every_setting_stands_in_the_guide(repository: Path, page: str, names: list[str]) -> None:
    text = (repository / GUIDES / page).read_text("utf-8")
    missing = [name for name in names if f"`{name}`" not in text]
    assert not missing


@pytest.mark.parametrize(
    "flag",
    [
        "--node-label",
        "--node-label-expr",
        "--evict-emptydir-pods",
        "--evict-unreplicated-pods",
        "--evict-daemonset-pods",
        "--evict-statefulset-pods",
        "--protected-pod-annotation",
        "--drain-buffer",
        "--max-grace-period",
        "--eviction-headroom",
        "--dry-run",
        "--listen",
        "--kubeconfig",
        "--master",
        "--namespace",
    ],
)
def test_every_flag_of_draino_has_its_counterpart(repository: Path, flag: str) -> None:
    assert flag in (repository / GUIDES / "on-demand-reclaim.md").read_text("utf-8")


def test_the_cases_that_differ_are_cases_that_exist(repository: Path) -> None:
    if not cases.is_default_folder():
        pytest.skip("the guide names the cases of our own folder")
    text = (repository / GUIDES / "on-demand-reclaim.md").read_text("utf-8")
    named = re.findall(r"`(d[a-z]-[a-z-]+)`", text)
    known = {
        case["id"]
        for entries in cases.read("draino_filters").values()
        if isinstance(entries, list)
        for case in entries
    }
    assert len(named) >= 8
    assert [name for name in named if name not in known] == []
