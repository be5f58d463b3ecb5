"""The fleet's files as a process watches them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.operate.running.asked import Asked, Wanted, read_asked
from kingtide.operate.running.policies import Invalid, PolicyFiles, Reading
from tests.small_rehearsal import CLUSTER, write_small


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    write_small(tmp_path)
    return tmp_path / "fleet"


def watched(fleet: Path, *controllers: str) -> PolicyFiles:
    wanted = Wanted(fleet, "prod", controllers or None)
    return PolicyFiles(wanted, read_asked(wanted))


def looked(files: PolicyFiles, times: int = 2) -> Reading | None:
    """What is new after so many looks; the second one sees that the files stand still."""

    async def look() -> None:
        for _ in range(times):
            await files.look()

    asyncio.run(look())
    return files.take()


def write(fleet: Path, text: str) -> None:
    (fleet / "clusters/prod.yaml").write_text(text)


def test_files_that_have_not_changed_are_not_read(fleet: Path) -> None:
    assert looked(watched(fleet)) is None


def test_files_are_read_once_they_stand_still_and_handed_over_once(fleet: Path) -> None:
    files = watched(fleet)
    write(fleet, CLUSTER + "  autoscaler: {maxNodeProvisionTime: 7m}\n")
    assert looked(files, times=1) is None
    found = looked(files, times=1)
    assert isinstance(found, Asked)
    assert looked(files) is None


def test_the_bounds_of_safety_are_read_from_the_cluster(fleet: Path) -> None:
    assert read_asked(Wanted(fleet, "prod")).safety == SafetyPolicy()
    files = watched(fleet)
    write(fleet, CLUSTER + "  safety: {maxStaleness: 1m, maxDisturbed: 5%, okUnreadyCount: 0}\n")
    found = looked(files)
    assert isinstance(found, Asked)
    assert found.safety == SafetyPolicy(
        max_staleness_seconds=60, max_disturbed_percent=5, ok_unready_count=0
    )


def test_a_new_file_is_a_change(fleet: Path) -> None:
    files = watched(fleet)
    (fleet / "stages/late.yaml").write_text("kind: Nothing\n")
    assert isinstance(looked(files), Invalid)


def test_a_mounted_folder_is_exchanged_by_turning_its_link(fleet: Path, tmp_path: Path) -> None:
    """As the kubelet does it: the folder's contents are behind a symbolic link, `..data`."""
    volume = tmp_path / "volume"
    volume.mkdir()
    fleet.rename(volume / "first")
    link = volume / "data"
    link.symlink_to("first")
    files = watched(link)
    write_small(tmp_path)
    fleet.rename(volume / "second")
    write(volume / "second", CLUSTER + "  autoscaler: {maxNodeProvisionTime: 7m}\n")
    turned = volume / "turned"
    turned.symlink_to("second")
    turned.replace(link)
    assert isinstance(looked(files), Asked)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (CLUSTER + "  autoscaler: {maxNodeProvisionTime: soon}\n", "prod.yaml:"),
        (CLUSTER + "  safety: {maxDisturbed: 0}\n", "prod.yaml:"),
        (CLUSTER.replace("metadata: {name: prod}", "metadata: {name: other}"), "other"),
        (CLUSTER.replace("eu-west-1", "eu-west-3"), "region is eu-west-3 and was eu-west-1"),
    ],
    ids=["a value that is none", "a bound that is none", "the cluster is gone", "another region"],
)
def test_what_cannot_be_taken_over_says_why(fleet: Path, text: str, wrong: str) -> None:
    files = watched(fleet)
    write(fleet, text)
    found = looked(files)
    assert isinstance(found, Invalid)
    assert any(wrong in line for line in found.why), found.why


def test_a_fleet_that_is_gone_is_told_once(fleet: Path) -> None:
    files = watched(fleet)
    (fleet / "fleet.yaml").unlink()
    assert isinstance(looked(files), Invalid)
    assert looked(files) is None


def test_a_named_controller_that_is_not_asked_for_any_more_is_a_mistake(fleet: Path) -> None:
    write(fleet, CLUSTER + "  prescaling: {}\n")
    files = watched(fleet, "prescaling")
    write(fleet, CLUSTER)
    found = looked(files)
    assert isinstance(found, Invalid)
    assert "does not ask for prescaling" in found.why[0]
