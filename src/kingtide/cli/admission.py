"""`kingtide admission review`: what a cluster's admission would say of files."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from cyclopts import Parameter

from kingtide.check.admission import review_manifests
from kingtide.cli.failure import BadInput, ExitCode
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.files.manifest_files import named_manifests
from kingtide.fleet.admission_settings import admission_policy
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.yaml_stream import MAX_MANIFEST_BYTES
from kingtide.fleet.manifests import ManifestFile, read_manifests
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.report.admission_findings import encode_reviews, review_lines

STDIN = Path("-")


def admission(
    action: Literal["review"],
    files: Annotated[tuple[Path, ...], Parameter(negative="", allow_leading_hyphen=True)],
    /,
    *,
    fleet: Path | None = None,
    cluster: str | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Tell what a cluster's admission would refuse and change of objects in files.

    The rules are those that `run admission` enforces. What would be changed is shown as a diff; of
    a workload it is what its pods get. Ends with 1 where something is refused.

    Args:
        action: What to do: review.
        files: YAML or JSON files, folders of them, or - for what is piped in.
        fleet: The fleet's folder, for its settings, groups and namespaces.
        cluster: The cluster's name in the fleet.
        json: Print JSON instead.
    """
    del action  # there is only one
    for it in files:
        if str(it).startswith("-") and it != STDIN:
            raise BadInput(f"unknown option: {it}", hint="`kingtide admission --help` shows them")
    findings = Findings()
    try:
        spec, policy = _settings(fleet, cluster)
        written = [it for path in files for it in _manifests(path, findings)]
        manifests = read_manifests(written, findings)
        findings.raise_if_any()
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        raise BadInput(what, details=str(error).splitlines()) from error
    found = review_manifests(manifests, spec, policy)
    if json:
        sys.stdout.write(encode_reviews(found).decode() + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in review_lines(found))
    return ExitCode.YES if all(it.verdict.allowed for it in found) else ExitCode.NO


def _settings(folder: Path | None, name: str | None) -> tuple[ClusterSpec, AdmissionPolicy]:
    if folder is None:
        if name is not None:
            raise BadInput("--cluster is of a fleet", hint="name its folder with --fleet")
        return ClusterSpec(), AdmissionPolicy()
    fleet = read_fleet_folder(folder)
    if name is None and len(fleet.clusters) == 1:
        name = next(iter(fleet.clusters))
    if name is None:
        raise BadInput(f"{folder} has several clusters", hint="name one with --cluster")
    if name not in fleet.clusters:
        hint = did_you_mean(name, fleet.clusters, what="clusters")
        raise BadInput(f"--cluster: {folder} has no cluster {name!r}", hint=hint)
    spec = fleet.clusters[name].spec
    return spec, admission_policy(spec, fleet.policies)


def _manifests(path: Path, findings: Findings) -> tuple[ManifestFile, ...]:
    if path != STDIN:
        return named_manifests(path, findings)
    text = sys.stdin.buffer.read(MAX_MANIFEST_BYTES + 1)
    if len(text) > MAX_MANIFEST_BYTES:
        raise BadInput(f"what is piped in is larger than {MAX_MANIFEST_BYTES:,} bytes")
    return (ManifestFile(PurePosixPath("-"), "<stdin>", text),)
