"""What an installation still lacks, in sentences: nothing that keeps it from being applied."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.operate.installation.installation import NAME, Installation
from kingtide.operate.installation.placement import has_group, is_only_spot
from kingtide.operate.installation.role import lacks, written_role
from kingtide.roster.registry import CONTROLLERS


def notes(installation: Installation) -> Iterator[str]:
    """Yield what somebody has to know or to do."""
    yield from _about_nodes(installation)
    if installation.runs:  # admission asks nothing of AWS
        yield from _about_the_role(installation)
        yield from _about_the_queue(installation)
    if "/" not in installation.image:
        yield (
            f"the image {installation.image} names no registry: build it with the Dockerfile, push"
            " it where the nodes can pull it, and name it with --image"
        )


def _about_nodes(installation: Installation) -> Iterator[str]:
    group, spec = installation.group, installation.cluster.spec
    if not has_group(installation):
        yield (
            f"the cluster has no group {group!r}: the pods run where there is room, rather on"
            " on-demand nodes; --group names the group whose nodes they shall have"
        )
    elif is_only_spot(spec, group):
        yield (
            f"the group {group!r} has spot nodes only: who replaces them may be interrupted with"
            " them; two zones make that rare, `onDemand:` rules it out"
        )


def _about_the_role(installation: Installation) -> Iterator[str]:
    written = written_role(installation)
    if written is None:
        yield (
            f"the cluster gives the service account {KINGTIDE_NAMESPACE}/{NAME} no role: put what"
            " --role prints into its file, for kops to make one, or give it one by other means"
        )
        return
    missing = lacks(installation, written)
    if missing:
        yield (
            f"the role of {KINGTIDE_NAMESPACE}/{NAME} in the cluster's file does not name"
            f" {', '.join(missing)}: put what --role prints there"
        )


def _about_the_queue(installation: Installation) -> Iterator[str]:
    if installation.queue is not None or installation.watch_only:
        return
    for key in dict.fromkeys(it.key for it in installation.runs):
        controller = CONTROLLERS[key].controller
        if AcknowledgeMessage in controller.actions:
            name = controller.name.replace("_", "-")
            yield f"{name} hears of no interruption without its queue; name that with --queue"
