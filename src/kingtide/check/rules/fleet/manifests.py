"""Manifests that lie where no cluster is looked for."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.nearest import did_you_mean

_FLAGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flags, namespace: shop}\n"


def _of_no_cluster(fleet: FleetView) -> Iterable[Found]:
    repository = fleet.repository
    if repository is None or "clusters" in repository.hidden:
        return
    seen: dict[str, None] = {}
    for manifest in fleet.manifests:
        name = manifest.cluster
        if name is None or name in repository.clusters or name in seen:
            continue
        seen[name] = None
        advice = did_you_mean(name, repository.clusters, what="clusters")
        wrong = f"lies in manifests/{name}/, and there is no cluster {name!r}"
        yield Found(manifest.place, "", wrong, advice)


RULES = (
    Rule(
        code="KT113",
        title="Manifests of no cluster",
        severity="error",
        why="`manifests/*.yaml` are of every cluster, `manifests/<cluster>/*.yaml` of that one:"
        " objects in a folder of another name are checked for none.",
        source="docs/concepts/checks.md",
        failing=Example(files={"manifests/prd/flags.yaml": _FLAGS}),
        passing=Example(files={"manifests/prod/flags.yaml": _FLAGS}),
        check=_of_no_cluster,
    ),
)
