"""A cluster and a cloud behind HTTP, for one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from tests.real.process.scenes import patch_namespace
from tests.running_process import Site, site
from tests.served_world import TOKEN


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", TOKEN)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture
def place(served: Site, tmp_path: Path) -> Site:
    """The one cluster of all tests, with journals of the test's own; nobody leads it."""
    patch_namespace(served, "prod.k8s.foo.bar")
    served.journals = tmp_path
    return served
