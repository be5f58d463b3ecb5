from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.operate.installation.fleet_files import (
    MAX_BYTES,
    NotInstallable,
    files_of_cluster,
    fleet_config_map,
    volume,
)
from tests.unit.operate.installation.installations import installation


def mounted(folder: Path, data: dict[str, str], items: list[dict[str, str]], revision: str) -> None:
    """Lay files out as a kubelet does: a folder a revision, and links that are turned at once.

    Source: pkg/volume/util/atomic_writer.go of Kubernetes (v1.36).
    """
    for it in items:
        file = folder / f"..{revision}" / it["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(data[it["key"]])
    turned = folder / "..data_tmp"
    turned.symlink_to(f"..{revision}")
    turned.rename(folder / "..data")
    for top in {it["path"].partition("/")[0] for it in items}:
        if not (folder / top).is_symlink():
            (folder / top).symlink_to(f"..data/{top}")


def test_the_files_of_one_cluster_are_the_same_cluster() -> None:
    it = installation()
    found = files_of_cluster(it.fleet, it.cluster, it.files)
    assert [str(path) for path in found] == [
        "fleet.yaml",
        "classes/large.yaml",
        "clusters/prod.yaml",
        "policies/daemons.yaml",
        "snippets/instance-types/four.yaml",
        "stages/prod.yaml",
    ]
    assert all(content == it.files[path] for path, content in found.items())


def test_what_is_mounted_is_read_as_the_fleet_and_again_after_it_was_changed(
    tmp_path: Path,
) -> None:
    it = installation()
    files = files_of_cluster(it.fleet, it.cluster, it.files)
    source: Any = volume(files)
    items = source["configMap"]["items"]
    data: Any = fleet_config_map(files).body["data"]
    mounted(tmp_path, data, items, "first")
    read = read_fleet_folder(tmp_path).clusters
    assert list(read) == ["prod"]
    assert read["prod"].spec == it.cluster.spec
    assert read["prod"].full_name == it.cluster.full_name

    changed = {key: text.replace('"max": 9', '"max": 5') for key, text in data.items()}
    mounted(tmp_path, changed, items, "second")
    spot = read_fleet_folder(tmp_path).clusters["prod"].spec.node_groups["workers"].spot
    assert spot is not None
    assert spot.sizes["4x"].max == 5


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({"clusters/a b.yaml": b"x"}, "rename it", id="name"),
        pytest.param({"clusters/a.yaml": b"\xff"}, "no UTF-8 text", id="text"),
        pytest.param({"fleet.yaml": b"x" * (MAX_BYTES + 1)}, "more than the 900,000", id="size"),
    ],
)
def test_what_does_not_fit_is_told(files: dict[str, bytes], said: str) -> None:
    with pytest.raises(NotInstallable, match=said):
        fleet_config_map({PurePosixPath(path): it for path, it in files.items()})
