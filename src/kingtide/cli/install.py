"""`kingtide install`: the manifests that run Kingtide in a cluster, printed or applied."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

import httpx2
from cyclopts import Parameter

from kingtide.cli.chosen_controllers import cluster_of, fleet_in, runs_of
from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.cli.reached_cluster import Reach, connected, told
from kingtide.cli.run_options import check_names
from kingtide.compile.document import Document
from kingtide.compile.yaml_text import yaml_stream, yaml_text
from kingtide.files.fleet_folder import documents_of
from kingtide.files.reading import read_bytes
from kingtide.files.writing import NotWritable, write_files
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.tree import Plain
from kingtide.fleet.repository import LayeredCluster
from kingtide.live.kubernetes.failures import ApiRefused, LiveFailure
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.operate.installation.applying import (
    Applied,
    OtherCluster,
    Refused,
    apply_all,
    check_identity,
)
from kingtide.operate.installation.aws_policy import policy
from kingtide.operate.installation.fleet_files import NotInstallable
from kingtide.operate.installation.installation import GROUP, IMAGE, Installation, Monitoring
from kingtide.operate.installation.manifests import STEPS, manifests
from kingtide.operate.installation.notes import notes
from kingtide.operate.installation.role import role
from kingtide.roster.registry import ControllerRun


@Parameter(name="*")
@dataclass(frozen=True)
class Application:
    """How manifests are applied."""

    apply: Annotated[bool, Parameter(negative="")] = False
    """Apply the manifests by server-side apply, once the cluster has said who it is."""
    dry_run: Annotated[bool, Parameter(negative="")] = False
    """With --apply, have the API server check everything and keep nothing."""
    new: Annotated[bool, Parameter(negative="")] = False
    """With --apply, the cluster may not say yet who it is; it gets its name now."""
    force_conflicts: Annotated[bool, Parameter(negative="")] = False
    """With --apply, take fields from whoever else set them."""
    kubeconfig: Path | None = None
    """The kubeconfig; otherwise $KUBECONFIG, the service account, ~/.kube/config."""
    context: str | None = None
    """The kubeconfig's context; its current one when absent."""


@Parameter(name="*")
@dataclass(frozen=True)
class Printing:
    """What is printed, and where to."""

    iam: Annotated[bool, Parameter(negative="")] = False
    """Print the IAM policy alone."""
    role: Annotated[bool, Parameter(negative="")] = False
    """Print that policy as the cluster's file takes it, for kops to make the role."""
    out: Path | None = None
    """Write the manifests into this folder, a file a step."""
    json: Annotated[bool, Parameter(negative="")] = False
    """Print JSON, not YAML."""


PROCESSES = ("admission", "ingress")
"""Among controllers on the command line; each is installed as a process of its own."""
NOT_APPLIED = Application()
PRINTED = Printing()


def install(
    *controllers: str,
    cluster: str,
    fleet: Path = Path(),
    all_of_them: Annotated[bool, Parameter(name="--all", negative="")] = False,
    watch_only: Annotated[bool, Parameter(negative="")] = False,
    image: str = IMAGE,
    queue: str | None = None,
    group: str = GROUP,
    monitoring: Monitoring = "annotations",
    how: Application = NOT_APPLIED,
    printing: Printing = PRINTED,
) -> ExitCode:
    """Print the manifests that run Kingtide in a cluster, or apply them.

    Two pods with the rights that the chosen controllers' actions need, in the cluster and in AWS,
    and no others. What an installation still lacks is told beside.

    Args:
        controllers: Those to run, as node-autoscaling overprovisioning; admission and ingress too.
        cluster: The cluster's name in the fleet.
        fleet: The fleet's folder; the current one when absent.
        all_of_them: All that the cluster's files ask for.
        watch_only: Controllers decide and tell, and have no right to change anything.
        image: The image, built with the Dockerfile.
        queue: The queue of interruption messages, by name or address.
        group: The application group on whose nodes the pods run.
        monitoring: How metrics are found.
        how: How manifests are applied.
        printing: What is printed, and where to.
    """
    check_names(tuple(controllers), all_of_them=all_of_them)
    _check(how, printing)
    _check_words({"--image": image, "--queue": queue, "--group": group})
    repository = fleet_in(fleet)
    found = cluster_of(repository, cluster, fleet)
    runs, processes = _chosen(found, controllers, all_of_them=all_of_them)
    installation = Installation(
        fleet=repository,
        cluster=found,
        runs=runs,
        files=_files(fleet),
        image=image,
        queue=queue,
        group=group,
        watch_only=watch_only,
        **processes,
        monitoring=monitoring,
    )
    if printing.iam:
        _print(policy(installation), as_json=True)
    elif printing.role:
        _print(role(installation), as_json=printing.json)
    else:
        _install(installation, how, printing)
    return ExitCode.YES


def _chosen(
    cluster: LayeredCluster, names: Sequence[str], *, all_of_them: bool
) -> tuple[tuple[ControllerRun, ...], Mapping[str, bool]]:
    """Return the controllers that are asked for, and which processes are that are none of them.

    Raises:
        BadInput: as `runs_of` does, or the cluster asks for no such process.
    """
    asked = {it: getattr(cluster.spec, it) is not None for it in PROCESSES}
    if all_of_them:
        return runs_of(cluster, (), all_of_them=True), asked
    others = [it for it in names if it not in PROCESSES]
    for name in PROCESSES:
        if name in names and not asked[name]:
            hint = f"add `{name}: {{}}` to its file, or to its class"
            raise BadInput(f"{cluster.name} does not ask for {name}", hint=hint)
    found = {it: it in names for it in PROCESSES}
    if not others and any(found.values()):
        return (), found
    return runs_of(cluster, others, all_of_them=False), found


def _check(how: Application, printing: Printing) -> None:
    """Refuse options that say two things, or nothing.

    Raises:
        BadInput: they do.
    """
    chosen = {
        "--apply": how.apply,
        "--iam": printing.iam,
        "--role": printing.role,
        "--out": printing.out is not None,
    }
    given = [name for name, is_given in chosen.items() if is_given]
    if printing.json and (how.apply or printing.out is not None):
        given.append("--json")
    if len(given) > 1:
        raise BadInput(f"{' and '.join(given)} are two things", hint="write one of them")
    only = {
        "--dry-run": how.dry_run,
        "--new": how.new,
        "--force-conflicts": how.force_conflicts,
        "--kubeconfig": how.kubeconfig is not None,
        "--context": how.context is not None,
    }
    for name, is_given in only.items():
        if is_given and not how.apply:
            hint = "add --apply"
            if name == "--dry-run":
                hint += "; for controllers that change nothing write --watch-only"
            raise BadInput(f"{name} is about applying, which nobody asked for", hint=hint)


def _check_words(written: Mapping[str, str | None]) -> None:
    """Refuse what no image, queue or group can be called: pods would fail by it later.

    Raises:
        BadInput: one is empty, or has a blank in it.
    """
    for option, word in written.items():
        if word is not None and (not word or any(it.isspace() for it in word)):
            raise BadInput(f"{option}: {word!r} is no name", hint="write it without blanks")


def _install(installation: Installation, how: Application, printing: Printing) -> None:
    steps = _manifests(installation)
    everything = [it for of in steps.values() for it in of]
    for note in notes(installation):
        sys.stderr.write(f"note: {note}\n")
    if printing.out is not None:
        _write(steps, printing.out)
    elif how.apply:
        _tell(_apply(installation, everything, how), is_dry=how.dry_run)
    elif printing.json:
        items: list[Plain] = [it.body for it in everything]
        _print({"apiVersion": "v1", "items": items, "kind": "List"}, as_json=True)
    else:
        sys.stdout.write(yaml_stream(it.body for it in everything))


def _files(folder: Path) -> dict[PurePosixPath, bytes]:
    return {
        PurePosixPath(path.relative_to(folder).as_posix()): read_bytes(path)
        for path in documents_of(folder)
    }


def _manifests(installation: Installation) -> Mapping[str, tuple[Document, ...]]:
    try:
        return manifests(installation)
    except Mistakes as error:
        raise BadInput("the cluster's objects", details=str(error).splitlines()) from error
    except NotInstallable as error:
        raise BadInput(f"the fleet's files: {error}") from error


def _write(steps: Mapping[str, tuple[Document, ...]], folder: Path) -> None:
    contents = {name: yaml_stream(it.body for it in of).encode() for name, of in steps.items()}
    try:
        write_files(folder, contents)
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder with --out") from error
    for name in contents:
        sys.stdout.write(f"written {folder / name}\n")
    # What an installation before this one had more would be applied with the folder.
    for name in STEPS:
        if name not in contents and (folder / name).is_file():
            (folder / name).unlink()
            sys.stdout.write(f"removed {folder / name}, which is no part of it any more\n")


def _print(body: Plain, *, as_json: bool) -> None:
    text = f"{json.dumps(body, indent=2, sort_keys=True)}\n" if as_json else yaml_text(body)
    sys.stdout.write(text)


def _apply(
    installation: Installation, everything: Sequence[Document], how: Application
) -> tuple[Applied, ...]:
    name = installation.cluster.full_name
    client = connected(Reach(how.kubeconfig, how.context))

    async def apply() -> tuple[Applied, ...]:
        async with client:
            api = Api(client, WriteRate())
            await check_identity(api, name, is_new=how.new)
            return await apply_all(api, everything, is_dry=how.dry_run, force=how.force_conflicts)

    try:
        return asyncio.run(apply())
    except OtherCluster as error:
        hint = "name the right one with --kubeconfig and --context"
        if error.found is None:
            hint += f"; if it is {name} and nobody told it yet, write --new"
        found = error.found or "one that does not say its name"
        raise BadInput(f"the cluster is {found}, not {name}", hint=hint) from error
    except Refused as error:
        _tell(error.before, is_dry=how.dry_run)
        it = error.document
        hint = _HINTS.get(error.error.code, "mend what it says, then apply again")
        raise RunFailed(f"{it.kind} {it.name}: {error}", hint=hint) from error
    except (LiveFailure, TimeoutError, httpx2.HTTPError) as error:
        if isinstance(error, ApiRefused) and error.code == 401:
            raise told(error) from error
        raise RunFailed(f"the cluster: {str(error) or type(error).__name__}") from error


_HINTS = {
    403: "who grants rights must have them: apply as a cluster administrator",
    404: "the cluster does not have this kind: install what brings it, or leave it out",
    409: "see who set the field; --force-conflicts takes it",
}


def _tell(applied: Sequence[Applied], *, is_dry: bool) -> None:
    suffix = " (dry run)" if is_dry else ""
    for it in applied:
        within = f"{it.document.namespace}/" if it.document.namespace else ""
        line = f"{it.became:<9} {it.document.kind} {within}{it.document.name}{suffix}\n"
        sys.stdout.write(line)
