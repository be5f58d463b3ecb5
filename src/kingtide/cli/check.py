"""`kingtide check`: everything that is wrong with a fleet, before anything is touched."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from whenever import SYSTEM_TZ, Date

from kingtide import __version__
from kingtide.check.crd_schema import MAX_CRD_BYTES, CrdSchemas, read_crds
from kingtide.check.findings import Checked
from kingtide.check.formats.github import as_github
from kingtide.check.formats.json import as_json
from kingtide.check.formats.sarif import as_sarif
from kingtide.check.formats.text import as_text
from kingtide.check.reference import explained
from kingtide.check.registry import RULES
from kingtide.check.run import check_fleet
from kingtide.check.selection import UnknownCode, selection
from kingtide.check.view import FleetView, view_of
from kingtide.cli.failure import BadInput, ExitCode
from kingtide.files.fleet_folder import read_fleet_folder_as_far, unread_files
from kingtide.files.manifest_files import fleet_manifests, named_manifests
from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.manifests import read_manifests
from kingtide.fleet.models.waiver import calendar_date

Format = Literal["text", "json", "sarif", "github"]


def check(
    folder: Path = Path(),
    /,
    *,
    select: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    ignore: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    clusters: Annotated[tuple[str, ...], Parameter(name="--cluster", negative="")] = (),
    manifests: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    kops_crds: Path | None = None,
    output: Annotated[Format, Parameter(name="--format")] = "text",
    json: Annotated[bool, Parameter(negative="")] = False,
    strict: Annotated[bool, Parameter(negative="")] = False,
    show_waived: Annotated[bool, Parameter(negative="")] = False,
    explain: str | None = None,
    today: str | None = None,
) -> ExitCode:
    """Check a fleet's files and what they mean, and tell everything that is wrong at once.

    Ends with 1 when an error is found, with --strict also on a warning; with 2 where there is no
    fleet. Manifests of workloads in the fleet's manifests/ are looked at too. Every check has its
    place in docs/reference/checks.md.

    Args:
        folder: The fleet's folder; the current one when absent.
        select: Only checks whose codes begin so, as KT2,KT301; may be repeated.
        ignore: No checks whose codes begin so; of --select and --ignore the longer decides.
        clusters: Only this cluster; may be repeated.
        manifests: A file or folder of Kubernetes objects of every cluster; may be repeated.
        kops_crds: The folder k8s/crds of the kops release in use, to check what is generated
            against its own schema.
        output: text; json; sarif, for code hosts and editors; github, annotations of a workflow.
        json: The same as --format json.
        strict: Warnings count as errors do.
        show_waived: Tell waived findings too, with their reasons.
        explain: Print this check, as KT203, and end.
        today: The date by which waivers end, as 2026-12-31, instead of today's.
    """
    if explain is not None:
        return _explain(explain)
    try:
        wanted = selection(select, ignore, RULES)
    except UnknownCode as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(wrong, hint=hint) from error
    fleet = _read(folder, clusters, manifests, kops_crds)
    checked = check_fleet(fleet, RULES, _date(today), wanted)
    sys.stdout.write(_told(checked, "json" if json else output, waived=show_waived))
    failed = bool(checked.findings) if strict else checked.errors > 0
    return ExitCode.NO if failed else ExitCode.YES


def _told(checked: Checked, output: Format, *, waived: bool) -> str:
    match output:
        case "text":
            return as_text(checked, waived=waived)
        case "json":
            return as_json(checked)
        case "sarif":
            return as_sarif(checked, RULES, __version__)
        case "github":
            return as_github(checked)


def _read(
    folder: Path, clusters: Iterable[str], manifests: Iterable[Path], kops_crds: Path | None = None
) -> FleetView:
    """Return the fleet of a folder as far as it can be read.

    Raises:
        BadInput: there is no fleet, no such cluster, no such manifests, or no such CRDs.
    """
    if not (folder / "fleet.yaml").is_file():
        raise BadInput(f"{folder} holds no fleet.yaml", hint="name the folder of a fleet")
    findings = Findings()
    files = fleet_manifests(folder, findings)
    try:
        files += tuple(it for path in manifests for it in named_manifests(path, findings))
    except Mistakes as error:
        raise BadInput("--manifests cannot be read", details=str(error).splitlines()) from error
    repository = None
    try:
        repository = read_fleet_folder_as_far(folder, findings)
    except Mistakes as error:
        findings.extend(error.all)
    known = () if repository is None else tuple(repository.clusters)
    for name in clusters:
        # A cluster whose file has mistakes may be hidden: they are told instead.
        if name not in known and not findings:
            hint = did_you_mean(name, known, what="clusters")
            raise BadInput(f"the fleet in {folder} has no cluster {name!r}", hint=hint)
    objects = read_manifests(files, findings)
    paths = {file.shown: file.path for file in files}
    crds = None if kops_crds is None else _crds(kops_crds)
    return view_of(
        repository,
        findings.as_error().all,
        objects,
        paths,
        only=clusters,
        crds=crds,
        unread=unread_files(folder),
    )


def _crds(folder: Path) -> CrdSchemas:
    try:
        return read_crds(
            {
                str(it): read_bytes(it, max_bytes=MAX_CRD_BYTES)
                for it in sorted(folder.glob("*.yaml"))
            }
        )
    except Mistakes as error:
        raise BadInput("--kops-crds cannot be read", details=str(error).splitlines()) from error


def _explain(code: str) -> ExitCode:
    found = next((rule for rule in RULES if rule.code == code.upper()), None)
    if found is None:
        hint = did_you_mean(code.upper(), (rule.code for rule in RULES), what="checks")
        raise BadInput(f"there is no check {code!r}", hint=hint)
    sys.stdout.write(explained(found))
    return ExitCode.YES


def _date(today: str | None) -> str:
    if today is None:
        return Date.today(SYSTEM_TZ).format_iso()
    try:
        return calendar_date(today)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(f"--today: {wrong}", hint=hint) from error
