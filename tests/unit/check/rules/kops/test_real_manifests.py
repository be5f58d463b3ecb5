"""kops' own manifests (integration tests of kops, 2026-08), which kops takes as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.check.crd_schema import CrdSchemas, read_crds
from kingtide.check.kops_documents import KopsDocuments, sorted_documents
from kingtide.check.rules.kops import (
    addons,
    address_ranges,
    control_plane,
    group_nodes,
    group_sizes,
    identities,
    mixed_instances,
    schema,
)
from kingtide.compile.document import Document
from kingtide.fleet.documents.tree import path_text, plain
from kingtide.fleet.documents.yaml_stream import documents_of

DATA = Path(__file__).parents[6] / "shared" / "data" / "kops"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="kops' manifests are not at hand")
MANIFESTS = sorted((DATA / "manifests").glob("*.yaml")) or [DATA]
# cluster-autoscaler's tags are no matter of kops; machineType beside the types is.
CHECKS = (
    *(group_sizes._sizes, group_sizes._control_plane_sizes, group_sizes._rolling_updates),
    *(group_sizes._lifetimes, group_sizes._warm_pools, group_nodes._membership),
    *(group_nodes._subnets, group_nodes._taints, group_nodes._node_labels),
    *(group_nodes._root_volumes, group_nodes._metadata_service, control_plane._names),
    *(control_plane._odd_members, control_plane._memberships, control_plane._versions),
    *(address_ranges._subnet_ranges, address_ranges._pod_range, addons._node_local_dns),
    *(addons._certificates, addons._removed, addons._manifests, identities._identity_mappings),
    *(identities._service_accounts, identities._discovery_stores),
    *(mixed_instances._on_demand_shares, mixed_instances._spot_strategies),
    *(mixed_instances._graphics, mixed_instances._architectures, schema._misspelt),
    schema._wrong_kinds,
)


def _read(path: Path) -> KopsDocuments:
    bodies = [plain(node) for node in documents_of(path.read_bytes(), path.name)]
    found = sorted_documents(Document(body) for body in bodies if isinstance(body, dict))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def crds() -> CrdSchemas:
    return read_crds({it.name: it.read_bytes() for it in (DATA / "crds").glob("*.yaml")})


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda it: it.name.split(".")[0])
def test_nothing_is_wrong_with_what_kops_takes(path: Path) -> None:
    documents = _read(path)
    found = [
        (fault.document.name, path_text(fault.path)) for it in CHECKS for fault in it(documents)
    ]
    assert found == []


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda it: it.name.split(".")[0])
def test_only_a_field_that_no_type_of_kops_has_departs_from_its_schema(
    path: Path, crds: CrdSchemas
) -> None:
    found = [path_text(it.path) for it in schema._against_crds(_read(path), crds)]
    assert found == (["spec.serviceOIDCProvider"] if path.name.startswith("complex.") else [])
