from __future__ import annotations

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.migration.kops_dialect import Source
from kingtide.migration.kops_documents import read_manifests

CLUSTER = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata: {name: %s}\n"
GROUP = (
    "apiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\n"
    "metadata: {name: %s, labels: {kops.k8s.io/cluster: %s}}\n"
)


def mistakes(*texts: str) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        read_manifests([Source("", f"m{at}.yaml", text) for at, text in enumerate(texts, 1)])
    return [str(it) for it in caught.value.all]


def test_groups_go_to_the_cluster_that_they_name_from_whatever_file() -> None:
    texts = (
        GROUP % ("x", "b.c") + "---\n" + CLUSTER % "a.c",
        CLUSTER % "b.c",
        GROUP % ("z", "b.c"),
    )
    found = read_manifests([Source("", "m.yaml", text) for text in texts])
    assert {it.name: [group.name for group in it.groups] for it in found.clusters} == {
        "a.c": [],
        "b.c": ["x", "z"],
    }


def test_documents_are_cut_at_lines_of_dashes_and_empty_ones_left_out() -> None:
    other = "kind: SSHCredential\nmetadata: {name: k}"
    text = f"---\n# nothing\n---  \n\n{CLUSTER % 'a.c'}---\n---\n{other}"
    found = read_manifests([Source("", "m.yaml", text)])
    assert [it.document.place.line for it in found.clusters] == [5]
    assert [it.name for it in found.others] == ["k"]


def test_numbers_are_whole_or_exact() -> None:
    text = CLUSTER % "a" + "spec: {a: 3, b: 3.14}"
    (cluster,) = read_manifests([Source("", "m.yaml", text)]).clusters
    assert str(cluster.document.spec) == "{'a': 3, 'b': Decimal('3.14')}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "m1.yaml: there is no kops Cluster in it; name the manifests of a cluster"),
        ("x: 1", "m1.yaml:1:1: kind: is missing; write `kind: Cluster` or InstanceGroup"),
        ("\n# x\nkind: Cluster", "m1.yaml:3:1: metadata.name: is missing; write its name"),
        ("- a", "m1.yaml:1:1: is not a map; write `name: value`, one a line"),
        (
            CLUSTER % "a.c" + "---\nkind: [\n",
            (
                "m1.yaml:6:1: is not valid YAML: did not find expected node content;"
                " check indentation, quotes and brackets"
            ),
        ),
        (
            GROUP % ("x", "a.c"),
            (
                "m1.yaml:1:1: metadata.labels.\"kops.k8s.io/cluster\": there is no cluster 'a.c'"
                " in these manifests; name the manifest of its cluster too"
            ),
        ),
        (
            (CLUSTER % "a.c").replace("v1alpha2", "v1alpha3"),
            (
                "m1.yaml:1:1: apiVersion: Cluster a.c is not of kops.k8s.io/v1alpha2, the one"
                " version that kops serves; write `apiVersion: kops.k8s.io/v1alpha2`"
            ),
        ),
        (
            "---\n".join((CLUSTER % "a.c", CLUSTER % "a.c")),
            (
                "m1.yaml:5:1: metadata.name: cluster a.c stands in m1.yaml line 1 too;"
                " name each cluster once"
            ),
        ),
        (
            "---\n".join((CLUSTER % "a.c", GROUP % ("x", "a.c"), GROUP % ("x", "a.c"))),
            "m1.yaml:9:1: metadata.name: a.c has another InstanceGroup 'x'; name each once",
        ),
    ],
)
def test_what_is_no_manifest_is_told_with_its_place(text: str, told: str) -> None:
    assert mistakes(text) == [told]
