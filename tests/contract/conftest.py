"""The clusters that the same scenarios are played in; which of them there are, the machine says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.kubernetes_sides import LIVED_SECONDS, InProcess, OverHttp
from tests.control_plane import control_plane, missing_programs
from tests.served_world import ServedWorld, served_world

CLUSTER = "KINGTIDE_TEST_KUBECONFIG"
ASSETS = "KUBEBUILDER_ASSETS"


@pytest.fixture(scope="session")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    """The twin, without any API."""
    return InProcess(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def served_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    """The twin behind its API."""
    with served_world(tmp_path_factory.mktemp("small"), run_seconds=LIVED_SECONDS) as it:
        yield it


@pytest.fixture(scope="session", params=["twin", "kube-apiserver", "cluster"])
def kubeconfig(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The kubeconfig of each cluster: the twin's, a real API server's alone, a whole one's."""
    folder = tmp_path_factory.mktemp("cluster")
    if request.param == "twin":
        served: ServedWorld = request.getfixturevalue("served_twin")
        yield served.write_kubeconfig(folder)
    elif request.param == "kube-apiserver":
        assets = Path(os.environ.get(ASSETS, ""))
        if ASSETS not in os.environ or (missing := missing_programs(assets)):
            names = " and ".join(missing) if ASSETS in os.environ else "kube-apiserver and etcd"
            pytest.skip(f"{ASSETS} names no folder with {names}")
        with control_plane(assets, folder) as file:
            yield file
    elif CLUSTER in os.environ:
        yield Path(os.environ[CLUSTER])
    else:
        pytest.skip(f"{CLUSTER} names no kubeconfig of a real cluster")


@pytest.fixture(scope="session")
def over_http(kubeconfig: Path) -> Iterator[OverHttp]:
    """Each cluster, as a live process sees and changes it."""
    is_theirs = str(kubeconfig) == os.environ.get(CLUSTER)
    side = OverHttp(kubeconfig, is_quiet=not is_theirs)
    yield side
    side.close()
