"""Whether there are clusters, and the order of promotion names every stage that they are in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from kingtide.check.rule import Example, Rule
from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path, path_text, place_of

_FLEET = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  stateStore: s3://acme-kops-state
  dnsZone: k8s.foo.bar
  kubernetesVersion: 1.35.7
  image: ubuntu/images/hvm-ssd-gp3/ubuntu-resolute-26.04-amd64-server-20260404
  stages: [%s]
"""


def _order(fleet: FleetView) -> Iterable[Found]:
    """Note names of the order that are no stage, and stages of clusters that it leaves out."""
    repository = fleet.repository
    if repository is None or repository.fleet is None or "stages" in repository.hidden:
        return
    order = repository.fleet.spec.stages
    known = [it.metadata.name for it in repository.stages]
    tree = repository.documents[PurePosixPath("fleet.yaml")]
    for index, name in enumerate(order):
        if name not in known:
            at: Path = ("spec", "stages", index)
            advice = did_you_mean(name, known, what="stages")
            yield Found(place_of(tree, at), path_text(at), f"there is no stage {name!r}", advice)
    for cluster in fleet.clusters if order else ():
        stage = cluster.spec.stage
        if stage is not None and stage in known and stage not in order:
            wrong = f"the fleet's order of stages leaves {stage!r} out: it would come last"
            advice = "add it to `stages:` in fleet.yaml, in its place"
            yield cluster.found(("stage",), wrong, advice)


def _no_cluster(fleet: FleetView) -> Iterable[Found]:
    repository = fleet.repository
    if repository is None or repository.clusters or "clusters" in repository.hidden:
        return
    tree = repository.documents.get(PurePosixPath("fleet.yaml"))
    if tree is not None:
        wrong = "the fleet has no cluster: nothing was checked but its shared files"
        yield Found(tree.place, "", wrong, "add clusters/<name>.yaml, or check another folder")


RULES = (
    Rule(
        code="KT115",
        title="An order of stages that is not that of the clusters",
        severity="error",
        why="The order decides which clusters a change reaches first. A stage that it leaves out"
        " comes after all others: a canary would be the last to know.",
        source="docs/reference/fleet.md (Fleet, spec.stages)",
        failing=Example(files={"fleet.yaml": _FLEET % "prd"}),
        passing=Example(files={"fleet.yaml": _FLEET % "prod"}),
        check=_order,
    ),
    Rule(
        code="KT117",
        title="A fleet without clusters",
        severity="warning",
        why="Nearly every check is one of a cluster: such a fleet is clean whatever stands in it,"
        " and a folder that was given by mistake, or a checkout that is not whole, looks sound.",
        source="docs/concepts/checks.md",
        failing=Example(files={"clusters/prod.yaml": ""}),
        passing=Example(),
        check=_no_cluster,
    ),
)
