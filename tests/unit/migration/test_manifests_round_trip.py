"""kops' own integration manifests, read from where they are kept with their licence."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.migration.kops_documents import KopsDocument
from kingtide.migration.parts import texts_at
from tests.unit.migration.round_trip import Imported, comparable

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "kops" / "manifests"
MANIFESTS = sorted(FOLDER.glob("*.yaml")) if FOLDER.is_dir() else []
LEFT_OUT = {
    "karpenter": ["karpenter-nodes-default", "karpenter-nodes-single-machinetype"],
    "privatedns1": ["bastion"],
}
"""InstanceGroups that a fleet has no place for, by the manifest's first word."""

pytestmark = pytest.mark.skipif(
    not MANIFESTS, reason="kops' manifests are not copied in; they lie beside the repository"
)


@pytest.fixture(params=MANIFESTS or [Path("none")], ids=lambda it: it.name.split(".")[0])
def manifest(request: pytest.FixtureRequest) -> Path:
    path = request.param
    assert isinstance(path, Path)
    return path


def test_a_manifest_comes_back_document_by_document(manifest: Path) -> None:
    imported = Imported(manifest.read_text("utf-8"))
    (cluster,) = imported.manifests.clusters
    (name,) = imported.fleet.clusters
    left_out = LEFT_OUT.get(manifest.name.split(".")[0], [])
    told = " ".join(imported.patched[name].left_out)
    found = imported.documents(name)
    wanted: list[KopsDocument] = [cluster.document, *cluster.groups]
    for document in wanted:
        if document.name in left_out:
            assert f"InstanceGroup {document.name}:" in told
        else:
            made = comparable(found.pop((document.kind, document.name)))
            assert made == comparable(document.body)
    assert not found
    assert len(imported.patched[name].left_out) == len(left_out)


def test_every_type_that_these_manifests_name_is_known(manifest: Path) -> None:
    imported = Imported(manifest.read_text("utf-8"))
    (one,) = imported.proposal.clusters
    assert "stands in for" not in " ".join(one.groups.notes)


def test_a_type_of_which_nothing_is_known_has_a_stand_in_that_is_told(manifest: Path) -> None:
    imported = Imported(manifest.read_text("utf-8").replace("t2.medium", "m1.medium"))
    (one,) = imported.proposal.clusters
    groups = one.groups.documents.values()
    unknown = [it.name for it in groups if "m1.medium" in (it.spec.get("machineType"), *texts_at(
        it.spec, "mixedInstancesPolicy", "instances"))]  # fmt: skip
    assert unknown
    for name in unknown:
        sentence = f"InstanceGroup {name}: m3.medium stands in for m1.medium"
        assert sentence in " ".join(one.groups.notes)
        assert sentence in imported.text(f"clusters/{one.name}.yaml")
