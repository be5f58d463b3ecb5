"""`kingtide ingress render`: Ingresses in files as HAProxy's files, with what has no effect."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from kingtide.cli.failure import BadInput, ExitCode, Refused, RunFailed
from kingtide.cli.ingress_settings import Settings
from kingtide.cli.manifest_input import manifests_of
from kingtide.cli.mistaken import mistaken
from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.explaining.explanation import class_shown
from kingtide.controllers.ingress.rendering.configuration import files as files_of
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.controllers.ingress.written import written_view
from kingtide.files.writing import NotWritable, write_files
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.manifests import Manifest
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.live.haproxy.process import ConfigurationRefused, HaproxyProcess
from kingtide.operate.ingress.haproxy_version import (
    NoHaproxy,
    found_haproxy,
    is_tested,
    version_of,
)
from kingtide.operate.ingress.process import layout_of
from kingtide.report.ingress import (
    RenderedIngresses,
    encode_ingresses,
    ingress_lines,
    shown_files,
)

FOLDER = "/etc/haproxy"
"""Where files are that are only printed: HAProxy's own default."""


class Rendering(msgspec.Struct, frozen=True):
    """How: the folder to write into, whether HAProxy tries the files, whether JSON is printed."""

    out: Path | None
    check: bool
    json: bool


def render_ingresses(files: tuple[Path, ...], settings: Settings, how: Rendering) -> ExitCode:
    """Render, check where asked for, write or print.

    Raises:
        BadInput: no file is named, or one cannot be read.
        Refused: HAProxy does not take the files; nothing was written.
        RunFailed: there is no HAProxy to check with, or the folder cannot be written.
    """
    if not files:
        raise BadInput("no file is named", hint="name files or folders, or - for what is piped in")
    findings = Findings()
    try:
        policy = settings.policy()
        manifests = manifests_of(files, findings, command="ingress")
        view = written_view(manifests, findings)
        findings.raise_if_any()
    except Mistakes as error:
        raise mistaken(error, after=", nothing was rendered") from error
    folder = FOLDER if how.out is None else str(how.out.absolute())
    found = _rendered(view, manifests, policy, folder)
    if how.check:
        version = asyncio.run(_tried(found.composed.desired))
        found = msgspec.structs.replace(found, checked=version)
    if how.out is not None:
        try:
            contents = {name: text.encode() for name, text in found.files.items()}
            write_files(how.out, contents, secret=True)
        except NotWritable as error:
            raise RunFailed(str(error), hint="name another folder with --out") from error
    _show(found, how)
    return ExitCode.YES if found.is_whole else ExitCode.NO


def _rendered(
    view: TrafficView, manifests: tuple[Manifest, ...], policy: IngressPolicy, folder: str
) -> RenderedIngresses:
    composed = compose(view, policy, now_ms=time.time_ns() // 1_000_000)
    layout = layout_of(policy, Path(folder))
    ours = {it.ingress for it in composed.reports}
    return RenderedIngresses(
        composed,
        {
            name.removeprefix(f"{folder}/"): text
            for name, text in files_of(composed.desired, layout).items()
        },
        {f"{it.namespace or 'default'}/{it.name}": it for it in manifests if it.kind == "Ingress"},
        {key: class_shown(it) for key, it in view.ingresses.items() if key not in ours},
    )


async def _tried(desired: Desired) -> str:
    """Have HAProxy check the files and start with them for a moment; return its version."""
    try:
        binary = found_haproxy("haproxy")
        version = version_of(binary)
    except NoHaproxy as error:
        hint = "install HAProxy (apt-get install haproxy), or leave --check out"
        raise RunFailed(f"{error}, so nothing was checked", hint=hint) from error
    with tempfile.TemporaryDirectory(prefix="kingtide-") as folder:
        try:
            process = HaproxyProcess(binary, Layout(folder))
            await process.try_out(lambda layout: files_of(desired, layout))
        except ConfigurationRefused as error:
            raise Refused("HAProxy does not take the files", details=str(error).splitlines()) from (
                error
            )
    return version if is_tested(version) else f"{version} (a version that our tests do not run)"


def _show(found: RenderedIngresses, how: Rendering) -> None:
    if how.json:
        sys.stdout.write(encode_ingresses(found).decode() + "\n")
        return
    sys.stdout.writelines(f"{line}\n" for line in ingress_lines(found))
    if how.out is not None:
        sys.stdout.write(f"{len(found.files)} files written to {how.out}\n")
        return
    for name, text in shown_files(found.files).items():
        sys.stdout.write(f"\n# {FOLDER}/{name}\n{text}")
