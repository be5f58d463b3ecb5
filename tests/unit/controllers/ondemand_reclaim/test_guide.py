"""The guide and its reference name every flag of draino and the cases that differ."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.vectors import cases

GUIDES = "docs/guides"

DEPARTURES = (
    "da-bad",
    "da-good-cordoned-by-us",
    "dd-filtered",
    "df-chain-err",
    "df-ds-err",
    "dk-cordon-annot",
    "dk-uncordon-missing",
    "dn-first",
    "ds-failed-visible",
    "ds-first",
)
"""The cases from which the controller departs; tests/vectors/test_draino_filters.py says how."""


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
    pages = ("guides/on-demand-reclaim.md", "reference/on-demand-reclaim.md")
    assert any(flag in (repository / "docs" / it).read_text("utf-8") for it in pages)


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
    assert sorted(named) == sorted(DEPARTURES)
    assert set(DEPARTURES) <= known
