"""`kingtide admission review`: what a cluster's admission would say of files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from kingtide.check.admission import review_manifests
from kingtide.cli.chosen_cluster import chosen_cluster
from kingtide.cli.failure import ExitCode
from kingtide.cli.manifest_input import manifests_of
from kingtide.cli.mistaken import mistaken
from kingtide.fleet.admission_settings import admission_policy
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.report.admission_findings import encode_reviews, review_lines


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
    findings = Findings()
    try:
        chosen = chosen_cluster(fleet, cluster)
        manifests = manifests_of(files, findings, command="admission")
        findings.raise_if_any()
    except Mistakes as error:
        raise mistaken(error) from error
    policy = admission_policy(chosen.spec, chosen.policies)
    if fleet is not None and chosen.spec.admission is None:
        sys.stderr.write(
            "note: the cluster does not ask for admission (`admission: {}`): these are the rules'"
            " defaults, which nobody enforces there\n"
        )
    found = review_manifests(manifests, chosen.spec, policy)
    if json:
        sys.stdout.write(encode_reviews(found).decode() + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in review_lines(found))
    return ExitCode.YES if all(it.verdict.allowed for it in found) else ExitCode.NO
