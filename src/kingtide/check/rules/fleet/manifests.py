"""Manifests that lie where no cluster is looked for, and objects that are described twice."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.manifests import Manifest

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


def _twice(fleet: FleetView) -> Iterable[Found]:
    """Note each object that another manifest of one of its clusters describes before it."""
    before: dict[tuple[str, str], list[Manifest]] = {}
    for manifest in fleet.manifests:
        version = manifest.value(("apiVersion",))
        group = version.rpartition("/")[0] if isinstance(version, str) else ""
        alike = before.setdefault((group, manifest.key), [])
        first = next((it for it in alike if _meet(it, manifest)), None)
        if first is not None:
            wrong = f"{manifest.key} stands in {first.place.file}:{first.place.line} as well"
            advice = "keep one of them, or name one otherwise"
            yield Found(manifest.place, "", wrong, advice)
        alike.append(manifest)


def _meet(one: Manifest, other: Manifest) -> bool:
    """Return whether there is a cluster that gets both."""
    return one.cluster is None or other.cluster is None or one.cluster == other.cluster


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
    Rule(
        code="KT116",
        title="One object, described twice",
        severity="error",
        why="`kubectl apply` takes both in turn: the later one wins in silence, and which that is"
        " depends on the names of files. Objects are told apart by group, kind, namespace and name;"
        " `manifests/*.yaml` reach every cluster, also those with a folder of their own.",
        source="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ (v1.36)",
        failing=Example(files={"manifests/flags.yaml": _FLAGS, "manifests/prod/more.yaml": _FLAGS}),
        passing=Example(
            files={"manifests/prod/flags.yaml": f"{_FLAGS}---\n{_FLAGS.replace('shop', 'api')}"}
        ),
        check=_twice,
    ),
)
