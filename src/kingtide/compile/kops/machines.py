"""What all machines of a cluster share in their InstanceGroups: image, disk, metadata, surge."""

from __future__ import annotations

from kingtide.compile.document import Body, Document
from kingtide.compile.kops import API_VERSION
from kingtide.compile.subject import Subject
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.models.machines import RollingUpdate, RootVolume

_GIB = 1024**3


def instance_group(subject: Subject, name: str, spec: Body) -> Document:
    """Return an InstanceGroup of the cluster."""
    image: Body = {} if subject.spec.image is None else {"image": subject.spec.image}
    return Document(
        {
            "apiVersion": API_VERSION,
            "kind": "InstanceGroup",
            "metadata": {"labels": {"kops.k8s.io/cluster": subject.full_name}, "name": name},
            "spec": {
                **image,
                # Session tokens: a pod that is tricked into fetching a URL gets no credentials.
                "instanceMetadata": {"httpTokens": "required"},
                **spec,
            },
        }
    )


def root_volume(subject: Subject, path: Path, volume: RootVolume | None) -> Body:
    """Return the fields of a disk; what is not written is left to kops."""
    found: Body = {}
    if volume is not None and volume.type is not None:
        found["rootVolumeType"] = volume.type
    if volume is not None and volume.size is not None:
        if volume.size % _GIB:
            wrong = f"{volume.size:,} bytes are not a whole number of GiB"
            subject.note((*path, "size"), wrong, "EBS counts in GiB; write for example 100Gi")
        found["rootVolumeSize"] = volume.size // _GIB
    return found


def rolling_update(written: RollingUpdate | None) -> Body:
    """Return `rollingUpdate` with what is written of it, nothing when that is nothing."""
    if written is None:
        return {}
    found: Body = {}
    if written.max_surge is not None:
        found["maxSurge"] = written.max_surge
    if written.max_unavailable is not None:
        found["maxUnavailable"] = written.max_unavailable
    return {"rollingUpdate": found} if found else {}
