"""Reviews objects of files as a cluster's admission would, before they are put there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kingtide.controllers.admission.planned import planned_snapshot
from kingtide.controllers.admission.review import review
from kingtide.controllers.admission.verdict import Told, Verdict
from kingtide.fleet.documents.tree import Place, place_of, plain
from kingtide.fleet.manifests import Manifest
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.kube.patching.json_patch import json_patched
from kingtide.kube.patching.json_pointer import Json


class Reviewed(msgspec.Struct, frozen=True):
    """An object of a file with its verdict; `after` is what it, or its pods, would be."""

    manifest: Manifest
    before: Json
    after: Json
    verdict: Verdict

    def place(self, told: Told) -> Place:
        """Return where the file says what is told, or would."""
        return place_of(self.manifest.node, told.path)


def review_manifests(
    manifests: Iterable[Manifest], spec: ClusterSpec, policy: AdmissionPolicy
) -> Sequence[Reviewed]:
    """Return the verdict on each object, in order.

    Namespaces and PriorityClasses among them count as being in the cluster. Templates are changed
    as their pods would be, whatever `templates` says: a file has no pods to show it on.
    """
    written = [(it, plain(it.node)) for it in manifests]
    snapshot = planned_snapshot(spec, (body for _, body in written))
    told = msgspec.structs.replace(policy, templates=True)
    found = []
    for manifest, body in written:
        verdict = review(body, snapshot, told)
        after = json_patched(body, verdict.operations)
        found.append(Reviewed(manifest, body, after, verdict))
    return found
