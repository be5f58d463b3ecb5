"""The two fleets that `kingtide plan` compares: what is wanted, and what there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import msgspec

from kingtide.cli.failure import BadInput, RunFailed
from kingtide.compile.document import Body
from kingtide.compile.plan.from_fleet import fleet_state
from kingtide.compile.plan.state import ClusterState, FleetState
from kingtide.compile.plan.stream import documents_of
from kingtide.files.fleet_folder import read_fleet_folder_as_far
from kingtide.files.git_revision import NoRevision, Revision, is_in_git, read_revision
from kingtide.files.manifest_files import fleet_manifests
from kingtide.files.rendered_folder import is_rendered, read_rendered
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.tree import plain
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.fleet.manifests import ManifestFile, read_manifests
from kingtide.fleet.repository import read_fleet_as_far

GIT = "git:"
LIVE = "live"
NOTHING = FleetState("nothing", {})

FleetFiles = Mapping[PurePosixPath, bytes]


class Side(msgspec.Struct, frozen=True):
    """A fleet with where its files are, so that it can be rehearsed.

    `folder` or `files` of the fleet's documents; neither where it was read otherwise.
    """

    state: FleetState
    folder: Path | None = None
    files: FleetFiles | None = None


def wanted(folder: Path) -> Side:
    """Return the fleet of a folder.

    Raises:
        BadInput: it has mistakes.
    """
    with _located(""):
        return Side(_of_folder(folder), folder=folder)


def there_is(
    against: str | None, folder: Path, desired: FleetState, *, kops: str, kubectl: str
) -> Side:
    """Return what a fleet is compared with.

    None: the last commit where the folder is in git, otherwise nothing.

    Raises:
        BadInput: there is no such folder or revision, or it has mistakes.
        RunFailed: the clusters cannot be asked.
    """
    if against is None:
        return _of_git(folder, "HEAD") if is_in_git(folder) else Side(_nothing("no git"))
    if against == LIVE:
        return Side(_live(desired, kops=kops, kubectl=kubectl))
    if against.startswith(GIT):
        return _of_git(folder, against.removeprefix(GIT))
    if not against:
        raise BadInput("--against names nothing", hint="name a folder, git:REVISION or live")
    other = Path(against)
    if not other.is_dir():
        return _of_git(folder, against)
    with _located(f" in {other}"):
        if (other / "fleet.yaml").is_file():
            return Side(_of_folder(other), folder=other)
        if is_rendered(other):
            return Side(_of_rendered(other, desired))
    raise BadInput(
        f"{other} holds neither a fleet.yaml nor clusters",
        hint="name a fleet's folder, one that `kingtide compile` wrote, git:REVISION or live",
    )


def _nothing(why: str) -> FleetState:
    return FleetState(f"nothing ({why})", {})


def _of_folder(folder: Path) -> FleetState:
    findings = Findings()
    manifests = read_manifests(fleet_manifests(folder, findings), findings)
    fleet = read_fleet_folder_as_far(folder, findings)
    findings.raise_if_any()
    return fleet_state(str(folder), fleet, manifests)


def _of_git(folder: Path, revision: str) -> Side:
    try:
        found = read_revision(folder, revision)
    except NoRevision as error:
        raise BadInput(
            f"--against cannot be read: {error}",
            hint="name a folder, git:REVISION or live",
        ) from error
    if PurePosixPath("fleet.yaml") not in found.files:
        return Side(_nothing(f"no fleet.yaml at git {found.commit}"))
    with _located(f" at git {found.commit}"):
        return Side(_of_revision(found), files=found.files)


def _of_revision(found: Revision) -> FleetState:
    findings = Findings()
    manifests = read_manifests(_manifests(found), findings)
    documents = {path: it for path, it in found.files.items() if path.parts[0] != "manifests"}
    fleet = read_fleet_as_far(documents, lambda path: f"{found.commit}:{path}", findings)
    findings.raise_if_any()
    return fleet_state(f"git {found.commit}", fleet, manifests)


def _manifests(found: Revision) -> Iterable[ManifestFile]:
    for path, content in sorted(found.files.items()):
        if path.parts[0] == "manifests":
            cluster = path.parts[1] if len(path.parts) > 2 else None
            yield ManifestFile(path, f"{found.commit}:{path}", content, cluster)


def _of_rendered(folder: Path, desired: FleetState) -> FleetState:
    clusters = {}
    for name, found in read_rendered(folder).items():
        known = desired.clusters.get(name)
        documents = documents_of(found.kops, str(folder / name / "kops.yaml"))
        full_name = next((it.name for it in documents if it.kind == "Cluster"), name)
        clusters[name] = ClusterState(
            name=name,
            full_name=full_name,
            kops=documents,
            objects=documents_of(found.objects, str(folder / name / "objects.yaml")),
            tools=dict(_values(found.tools)),
            # What is rendered does not say these; they are as in the fleet that is wanted.
            typical=known.typical if known is not None else {},
            workloads=known.workloads if known is not None else (),
            rank=known.rank if known is not None else 0,
        )
    return FleetState(f"{folder} (rendered)", clusters, desired.state_store)


def _values(tools: Mapping[str, bytes]) -> Iterable[tuple[str, Body]]:
    for tool, text in tools.items():
        body = plain(parse_yaml(text, f"{tool}.values.yaml"))
        if isinstance(body, dict):
            yield tool, body


def _live(desired: FleetState, *, kops: str, kubectl: str) -> FleetState:
    from kingtide.operate.failures import ApplyFailure
    from kingtide.operate.live_state import live_state

    try:
        return live_state(desired, {}, kops=kops, kubectl=kubectl)
    except ApplyFailure as error:
        raise RunFailed(
            f"the clusters cannot be asked: {error.message}",
            details=error.details,
            hint=error.hint or None,
        ) from error


@contextmanager
def _located(where: str) -> Iterator[None]:
    try:
        yield
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        raise BadInput(f"{what}{where}", details=str(error).splitlines()) from error
