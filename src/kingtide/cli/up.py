"""`kingtide up`: a fleet's cluster behind the Kubernetes API, in real time, until Ctrl-C."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from msgspec.structs import replace

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.cli.progress import progress_shown
from kingtide.cli.report_folder import (
    check_report_writable,
    report_folder,
    show_report,
    write_report,
)
from kingtide.cli.up_serving import Ending, check_lease_name, moving, serve, wait_for_lease
from kingtide.cli.up_settings import set_otherwise
from kingtide.cli.up_token_files import TokenFile
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.collection import scenario_files
from kingtide.rehearsal.held import held
from kingtide.rehearsal.named import named
from kingtide.rehearsal.prepare import Prepared, prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.scenario.read import Options
from kingtide.roster.naming import advice, meant
from kingtide.roster.registry import CONTROLLERS

if TYPE_CHECKING:
    from kingtide.rehearsal.run import Run
    from kingtide.twin.apiserver.auditing import Audit
    from kingtide.twin.apiserver.aws.server import AwsServer
    from kingtide.twin.apiserver.clock import Advance
    from kingtide.twin.apiserver.server import ApiServer, Settings

KUBECONFIG = Path("kingtide.kubeconfig")
"""Where the kubeconfig goes without --kubeconfig: the current folder."""

AWS_ENVIRONMENT = Path("kingtide.aws.env")
"""Where AWS' variables go without --aws-environment: the current folder."""

MAX_PORT = 65_535


def up(
    path: Path,
    /,
    *,
    speed: float = 10.0,
    host: str = "127.0.0.1",
    port: int = 0,
    kubeconfig: Path = KUBECONFIG,
    aws_environment: Path = AWS_ENVIRONMENT,
    demo_peak: Annotated[bool, Parameter(negative="")] = False,
    controllers: str | None = None,
    cluster: str | None = None,
    lease: Annotated[str | None, Parameter(name="--wait-for-lease")] = None,
    until_end: Annotated[bool, Parameter(negative="")] = False,
    seed: int | None = None,
    settings: Annotated[tuple[str, ...], Parameter(name="--set", negative="")] = (),
    audit: Path | None = None,
    out: Path | None = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Serve a fleet's cluster behind the Kubernetes API, in real time or faster, until Ctrl-C.

    Writes a kubeconfig and prints what to try. The cluster is that of a scenario, at its start and
    with the load it has then, which stays; with --demo-peak its evening begins. Ctrl-C, or SIGTERM,
    takes the kubeconfig away and leaves a report as `kingtide rehearse` does.

    Args:
        path: A scenario's file, or a folder with one (of a fleet: its rehearsal.yaml).
        speed: Seconds of the cluster a second of ours.
        host: The address to listen on; everybody who reaches another one than loopback may ask, and
            needs the token all the same.
        port: The port to listen on; 0 takes a free one.
        kubeconfig: The file for kubectl, readable by its owner alone: it holds the token.
        aws_environment: The file of variables for AWS' SDKs and command; its owner's alone as well.
        demo_peak: Let the scenario's evening happen, not only its first moment.
        controllers: `none`, to leave the cluster to others once it is served, or those of the
            scenario that go on, with commas between, as node-autoscaling,overprovisioning.
        lease: Have its time stand still until somebody holds this Lease: namespace/name.
        until_end: End by itself at the end of the scenario.
        cluster: Another cluster of the scenario's fleet.
        seed: Where every chance comes from, instead of the scenario's seed.
        settings: A setting to lay over the scenario, as policies.hpa.target=0.7; may be repeated.
        audit: The file for one JSON line a write that reaches the APIs: who, what, and the answer.
        out: The folder for the report, not rehearsals/<name>-seed-<seed>.
        quiet: Print nothing but where the kubeconfig is.
    """
    _check_speed(speed)
    from kingtide.twin.apiserver.server import Settings

    check_lease_name(lease)
    prepared = _prepared(path, Options(seed, settings, None, cluster))
    kept = _kept(prepared, controllers)
    prepared = _as_asked(prepared, controllers, demo_peak=demo_peak)
    folder = report_folder(prepared, out, several=False)
    files = _checked(port, folder, kubeconfig, aws_environment)
    run, ending = _warmed_up(prepared, kept, quiet=quiet), Ending(lease, until_end)
    served = Settings(secrets.token_urlsafe(32), host, port, speed)
    _up(run, prepared, served, ending, files, _audit(audit), quiet=quiet)
    end_ms = prepared.definition.end_ms if until_end else run.world.engine.now_ms
    return _leave(run.finish(end_ms), folder, quiet=quiet)


def _leave(record: RunRecord, folder: Path, *, quiet: bool) -> ExitCode:
    write_report(record, folder)
    if not quiet:
        show_report(record, folder)
    return ExitCode.YES


def _up(
    run: Run,
    prepared: Prepared,
    settings: Settings,
    ending: Ending,
    files: tuple[TokenFile, TokenFile],
    trail: Audit | None,
    *,
    quiet: bool,
) -> None:
    """Serve cluster and cloud; the files that hold the token are there for so long only."""
    server = _server(run, settings, moving(run, prepared, ending), trail)
    if ending.wait_for_lease is not None:
        wait_for_lease(server, ending.wait_for_lease)
    cloud = _cloud(run, settings.token, settings.host, trail)
    try:
        kubeconfig, variables = files
        kubeconfig.write(server.kubeconfig(prepared.definition.cluster_name))
        variables.write(_variables(cloud))
        _tell(server, kubeconfig.path, variables.path, settings.speed, quiet=quiet)
        serve(server, cloud, run, prepared, quiet=quiet)
    finally:
        if trail is not None:
            trail.close()
        for it in files:
            it.take_away()


def _prepared(path: Path, options: Options) -> Prepared:
    try:
        files = scenario_files(path)
        if len(files) > 1:
            names = ", ".join(it.name for it in files)
            raise BadInput(f"{path} holds {len(files)} scenarios", hint=f"name one of {names}")
        return prepare(files[0], options)
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        lines = str(error).splitlines()
        raise BadInput(f"{what}, nothing was started", details=lines) from error


def _as_asked(prepared: Prepared, controllers: str | None, *, demo_peak: bool) -> Prepared:
    definition = prepared.definition if demo_peak else held(prepared.definition)
    if controllers == "none":
        definition = replace(definition, admission=None)  # its webhook is for others to run
    definition = named(definition, prepared.scenario.cluster.full_name)
    return replace(prepared, definition=definition)


def _kept(prepared: Prepared, controllers: str | None) -> tuple[str, ...]:
    """Return the keys of the scenario's controllers that go on once the cluster is served."""
    runs = {CONTROLLERS[it.key].controller.name: it.key for it in prepared.definition.controllers}
    if controllers is None:
        return tuple(runs.values())
    return () if controllers == "none" else tuple(runs[it] for it in _names(controllers, runs))


def _names(controllers: str, known: Iterable[str]) -> tuple[str, ...]:
    found, all_known = [], tuple(known)
    for name in (it.strip() for it in controllers.split(",")):
        one = meant(name, all_known)
        if one is None:
            hint = advice(name, all_known, what="controllers of this scenario")
            raise BadInput(f"--controllers: {name!r} does not run in this scenario", hint=hint)
        found.append(one)
    return tuple(found)


def _check_speed(speed: float) -> None:
    """Refuse a speed before anything is started.

    Raises:
        BadInput: it is none.
    """
    from kingtide.twin.apiserver.clock import check_speed

    try:
        check_speed(speed)
    except ValueError as error:
        raise BadInput(f"--speed: {error}") from error


def _checked(
    port: int, report: Path, kubeconfig: Path, aws_environment: Path
) -> tuple[TokenFile, TokenFile]:
    """Return the files of the token; what cannot be served or written is refused before a start."""
    if not 0 <= port <= MAX_PORT:
        raise BadInput(f"--port: {port} is no port", hint="write 0 for a free one, or 1 to 65535")
    check_report_writable(report)
    variables = TokenFile(aws_environment, "--aws-environment")
    files = TokenFile(kubeconfig, "--kubeconfig"), variables
    for it in files:
        it.check()
    return files


def _tell_otherwise(prepared: Prepared, kept: Container[str]) -> None:
    """Say on stderr what others cannot know of the scenario."""
    names = ", ".join(set_otherwise(prepared, kept))
    if names:
        sys.stderr.write(
            f"note: the scenario sets {names} otherwise than the fleet's files, by which"
            " `kingtide run` goes: its evening will differ from the rehearsal\n"
        )


def _audit(file: Path | None) -> Audit | None:
    from kingtide.twin.apiserver.auditing import Audit

    if file is None:
        return None
    try:
        return Audit(file)
    except OSError as error:
        raise RunFailed(
            f"{file}: {error.strerror}", hint="name another file with --audit"
        ) from error


def _warmed_up(prepared: Prepared, kept: Container[str], *, quiet: bool) -> Run:
    """Return a run at its start: the controllers that are not kept have run it so far."""
    from kingtide.rehearsal.run import Run

    run, definition = Run(prepared), prepared.definition
    shown = progress_shown(
        prepared.scenario.name,
        definition.start_ms - definition.warm_up_ms,
        definition.start_ms,
        prepared.scenario.clock.timezone,
        quiet=quiet,
    )
    with shown as progress:
        run.begin(progress)
    run.world.hand_over(kept)
    _tell_otherwise(prepared, kept)
    return run


def _server(run: Run, settings: Settings, advance: Advance, trail: Audit | None) -> ApiServer:
    from kingtide.twin.apiserver.server import ApiServer, NotServed

    try:
        return ApiServer(run.world, settings, advance, trail)
    except NotServed as error:
        raise RunFailed(str(error), hint="name another address with --host and --port") from error


def _cloud(run: Run, token: str, host: str, trail: Audit | None) -> AwsServer:
    from kingtide.twin.apiserver.aws.account import account_of
    from kingtide.twin.apiserver.aws.server import AwsServer

    return AwsServer(account_of(run.world), token, host, audit=trail)


def _variables(cloud: AwsServer) -> bytes:
    return "".join(f"{key}={value}\n" for key, value in cloud.environment().items()).encode()


def _tell(
    server: ApiServer, kubeconfig: Path, aws_environment: Path, speed: float, *, quiet: bool
) -> None:
    if quiet:
        sys.stdout.write(f"{kubeconfig}\n")
    else:
        sys.stdout.write(
            f"The cluster is at {server.url}, {speed:g} times as fast as here. Try:\n\n"
            f"  export KUBECONFIG={kubeconfig.resolve()}\n"
            "  kubectl get nodes -o wide -w\n"
            "  kubectl top pods -A --sort-by=cpu\n"
            "  kubectl get events -A -w\n\n"
            f"AWS' SDKs and command find its cloud by the variables in {aws_environment}.\n"
            "Ctrl-C ends it and leaves a report.\n"
        )
    sys.stdout.flush()
