"""`kingtide import kops`: a fleet proposed for clusters that kops runs today."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from cyclopts import Parameter
from whenever import SYSTEM_TZ, Date

from kingtide.check.registry import RULES
from kingtide.check.run import check_fleet
from kingtide.check.view import view_of
from kingtide.cli.failure import BadInput, ExitCode, Refused, RunFailed
from kingtide.cli.mistaken import mistaken
from kingtide.compile.compilation import compile_cluster, compile_clusters
from kingtide.compile.kops.networking import POD_NETWORKS
from kingtide.files.fleet_folder import documents_of
from kingtide.files.rendered import Differences, bring_up_to_date
from kingtide.files.starting import start_fleet
from kingtide.files.template_inputs import read_inputs
from kingtide.files.writing import NotWritable
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.repository import FleetRepository, read_fleet
from kingtide.migration.kops_dialect import Source
from kingtide.migration.kops_documents import Manifests, read_manifests
from kingtide.migration.proposal import Patched, Proposal, fleet_files, patched, propose, shown
from kingtide.migration.rendering import joined, render, snippets_by_name
from kingtide.migration.values import read_values

Repeated = Annotated[tuple[str, ...], Parameter(negative="")]
Files = dict[PurePosixPath, bytes]


def import_(
    source: Literal["kops"],
    /,
    *manifests: str,
    values: Repeated = (),
    cluster: Repeated = (),
    snippets: Repeated = (),
    template: Repeated = (),
    out: Path = Path("fleet"),
    name: str = "fleet",
    state_store: str | None = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    force: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Propose a fleet for clusters that kops runs today.

    What a fleet has fields for becomes fields; everything else becomes patches on the compiled
    documents, so that compiling the fleet gives the documents that were imported. What even
    patches cannot express is told, and stands above the cluster's file.

    Args:
        source: What to import from: kops.
        manifests: kops manifests (Cluster and InstanceGroups), as `kops get -o yaml` writes them.
        values: Values that all clusters' templates share, a file or a folder; may be repeated.
        cluster: A cluster as NAME=FILE, its own values; may be repeated. Without any, --values is
            one cluster's.
        snippets: A folder of snippets for `include`; may be repeated.
        template: A template, or a folder of them; may be repeated.
        out: The folder that the fleet is written to.
        name: The fleet's name.
        state_store: Where kops keeps its state, if the clusters do not say.
        dry_run: Print the files instead of writing them.
        force: Overwrite files that are there.
    """
    del source  # there is only one
    try:
        given = _manifests(manifests, template, snippets, values, cluster)
        proposal = propose(given, POD_NETWORKS, name=name, state_store=state_store)
        found = _patched(proposal)
        files = fleet_files(proposal, found)
        fleet = read_fleet(files, shown)
        compile_clusters(fleet, fleet.clusters)  # nobody is handed a fleet that does not compile
    except Mistakes as error:
        raise mistaken(error, after=", nothing was imported") from error
    notes = _notes(proposal, found) + _findings(fleet)
    if dry_run:
        sys.stdout.write("".join(_shown(files)))
        sys.stderr.write("".join(notes))
        return ExitCode.YES
    _write(out, files, force=force)
    written = [f"written       {out / path}\n" for path in sorted(files)]
    sys.stdout.write("".join([*written, *_kept(out, files), *notes]))
    return ExitCode.YES


def _manifests(
    manifests: tuple[str, ...],
    template: tuple[str, ...],
    snippets: tuple[str, ...],
    values: tuple[str, ...],
    cluster: tuple[str, ...],
) -> Manifests:
    if manifests and (template or snippets or values or cluster):
        raise BadInput(
            "manifests and templates are two ways",
            hint="name manifests, or --template with --values and --snippets",
        )
    if manifests:
        return read_manifests(_sources("kops", manifests))
    if not template:
        raise BadInput(
            "nothing to import is named",
            hint="name manifests, or --template with --values and --snippets",
        )
    known, replaced = snippets_by_name(_sources("--snippets", snippets))
    for sentence in replaced:
        sys.stderr.write(f"note: {sentence}\n")
    templates = _sources("--template", template)
    shared = _sources("--values", values)
    rendered: list[Source] = []
    for one in cluster or ("",):
        own_name, _, own = one.partition("=")
        if one and not own:
            hint = "write --cluster NAME=FILE, for example prod.k8s.example.com=vars/prod.yaml"
            raise BadInput(f"--cluster {one}: names no file", hint=hint)
        files = (*shared, *(_sources("--cluster", (own,)) if own else ()))
        read = read_values(files)
        read.setdefault("clusterName", own_name)
        text = joined(render(templates, known, read))
        label = f"rendered {own_name}" if own_name else "rendered"
        rendered.append(Source("", label, text))
    return read_manifests(rendered)


def _patched(proposal: Proposal) -> Mapping[str, Patched]:
    """Return the patches of every cluster: against what the fleet compiles to without them."""
    bare = read_fleet(fleet_files(proposal, {}), shown)
    found: dict[str, Patched] = {}
    for one in proposal.clusters:
        compiled = compile_cluster(bare, one.name)
        found[one.name] = patched(one, [it.body for it in compiled.kops])
    return found


def _sources(option: str, named: tuple[str, ...]) -> tuple[Source, ...]:
    return tuple(Source("", it.path, it.text) for it in read_inputs(option, named))


def _notes(proposal: Proposal, found: Mapping[str, Patched]) -> list[str]:
    notes: list[str] = []
    for one in proposal.clusters:
        notes += [f"not imported: {one.name}: {it}\n" for it in found[one.name].left_out]
        notes += [f"note: {one.name}: {it}\n" for it in one.groups.notes]
    return notes + [f"not imported: {it.kind} {it.name}\n" for it in proposal.others]


def _kept(out: Path, files: Files) -> list[str]:
    """Return lines on files of an earlier fleet, which belong to this one now."""
    there = (PurePosixPath(path.relative_to(out).as_posix()) for path in documents_of(out))
    return [f"kept          {out / path}\n" for path in there if path not in files]


def _findings(fleet: FleetRepository) -> list[str]:
    """Return lines on what a check finds: that is of what runs today, no mistake of the import."""
    checked = check_fleet(view_of(fleet, ()), RULES, Date.today(SYSTEM_TZ).format_iso())
    counts = Counter((it.severity, it.code, it.title) for it in checked.findings)
    lines = [
        f"{severity + ':':<14}{code} {title}{f' (x {count})' if count > 1 else ''}\n"
        for (severity, code, title), count in sorted(counts.items())
    ]
    if lines:
        lines.append("So it is with what runs today; `kingtide check` tells where, and why.\n")
    return lines


def _shown(files: Files) -> list[str]:
    return [f"--- {path}\n{files[path].decode()}" for path in sorted(files)]


def _write(out: Path, files: Files, *, force: bool) -> None:
    there = [path for path in sorted(files) if (out / path).exists()]
    if there and not force:
        raise Refused(
            f"{out} holds files that would be overwritten",
            hint="name another folder with --out, or overwrite them with --force",
            details=[str(out / path) for path in there],
        )
    try:
        if out.is_dir() and any(out.iterdir()):
            bring_up_to_date(out, files, Differences(missing=tuple(sorted(files))))
        else:
            start_fleet(out, files)
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder with --out") from error
