"""`kingtide up`: a fleet's cluster behind the Kubernetes API, in real time, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import sys
from collections.abc import Sequence
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
from kingtide.files.writing import NotWritable, check_writable, write_file
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.rehearsal.collection import scenario_files
from kingtide.rehearsal.held import held
from kingtide.rehearsal.named import named
from kingtide.rehearsal.prepare import Prepared, prepare
from kingtide.rehearsal.scenario.read import Options

if TYPE_CHECKING:
    from kingtide.cli.up_view import View
    from kingtide.rehearsal.run import Run
    from kingtide.twin.apiserver.auditing import Audit
    from kingtide.twin.apiserver.aws.server import AwsServer
    from kingtide.twin.apiserver.server import ApiServer, Settings

KUBECONFIG = Path("kingtide.kubeconfig")
"""Where the kubeconfig goes without --kubeconfig: the current folder."""

AWS_ENVIRONMENT = Path("kingtide.aws.env")
"""Where AWS' variables go without --aws-environment: the current folder."""


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
        aws_environment: The file of variables by which AWS' SDKs and command find the cluster's
            cloud; its owner's alone as well.
        demo_peak: Let the scenario's evening happen, not only its first moment.
        controllers: `none`, for a cluster that nobody's controllers run, or those to run, with
            commas between; without it those of the scenario.
        cluster: Another cluster of the scenario's fleet.
        seed: Where every chance comes from, instead of the scenario's seed.
        settings: A setting to lay over the scenario, as policies.hpa.target=0.7; may be repeated.
        audit: The file for one JSON line a write that reaches the APIs: who, what, and the answer.
        out: The folder for the report, not rehearsals/<name>-seed-<seed>.
        quiet: Print nothing but where the kubeconfig is.
    """
    _check_speed(speed)
    from kingtide.twin.apiserver.server import Settings

    prepared = _prepared(path, Options(seed, settings, None, cluster))
    prepared = _as_asked(prepared, controllers, demo_peak=demo_peak)
    folder = report_folder(prepared, out, several=False)
    check_report_writable(folder)
    _check_writable(kubeconfig)
    _check_writable(aws_environment)
    run = _warmed_up(prepared, quiet=quiet)
    served = Settings(secrets.token_urlsafe(32), host, port, speed)
    _up(run, prepared, served, kubeconfig, aws_environment, _audit(audit), quiet=quiet)
    record = run.finish(run.world.engine.now_ms)
    write_report(record, folder)
    if not quiet:
        show_report(record, folder)
    return ExitCode.YES


def _up(
    run: Run,
    prepared: Prepared,
    settings: Settings,
    kubeconfig: Path,
    aws_environment: Path,
    trail: Audit | None,
    *,
    quiet: bool,
) -> None:
    """Serve cluster and cloud; the files that hold the token are there for so long only."""
    server = _server(run, settings, trail)
    cloud = _cloud(run, settings.token, settings.host, trail)
    try:
        _write_secret(kubeconfig, server.kubeconfig(prepared.definition.cluster_name))
        _write_secret(aws_environment, _variables(cloud))
        _tell(server, kubeconfig, aws_environment, settings.speed, quiet=quiet)
        _serve(server, cloud, run, prepared, quiet=quiet)
    finally:
        if trail is not None:
            trail.close()
        kubeconfig.unlink(missing_ok=True)
        aws_environment.unlink(missing_ok=True)


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
    if controllers is not None:
        known = [it.key for it in definition.controllers]
        wanted = () if controllers == "none" else _names(controllers, known)
        runs = tuple(it for it in definition.controllers if it.key in wanted)
        definition = replace(definition, controllers=runs)
        if controllers == "none":
            definition = replace(definition, admission=None)  # its webhook is for others to run
    definition = named(definition, prepared.scenario.cluster.full_name)
    return replace(prepared, definition=definition)


def _names(controllers: str, known: Sequence[str]) -> tuple[str, ...]:
    names = tuple(it.strip().replace("-", "_") for it in controllers.split(","))
    for name in names:
        if name not in known:
            hint = did_you_mean(name, dict.fromkeys(known), what="controllers of this scenario")
            raise BadInput(f"--controllers: {name!r} does not run in this scenario", hint=hint)
    return names


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


def _check_writable(kubeconfig: Path) -> None:
    try:
        check_writable(kubeconfig.parent, (kubeconfig.name,))
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another file with --kubeconfig") from error


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


def _write_secret(file: Path, content: bytes) -> None:
    try:
        write_file(file, content, secret=True)
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another file for what holds the token") from error


def _warmed_up(prepared: Prepared, *, quiet: bool) -> Run:
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
    return run


def _server(run: Run, settings: Settings, trail: Audit | None) -> ApiServer:
    from kingtide.twin.apiserver.server import ApiServer, NotServed

    try:
        return ApiServer(run.world, settings, run.advance, trail)
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


def _serve(
    server: ApiServer, cloud: AwsServer, run: Run, prepared: Prepared, *, quiet: bool
) -> None:
    """Serve until a signal; the first one ends it in order, a second one ends the command."""
    from kingtide.cli.up_view import view

    async def serve() -> None:
        loop = asyncio.get_running_loop()

        def end() -> None:
            server.stop()
            for it in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(it)

        for it in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(it, end)
        with view(run.world, server, prepared.scenario.clock.timezone, quiet=quiet) as shown:
            showing = asyncio.create_task(_show(shown))
            answering = asyncio.create_task(cloud.run())
            try:
                await server.run()
            finally:
                cloud.stop()
                await answering
                showing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await showing

    asyncio.run(serve())


async def _show(shown: View) -> None:
    while True:
        shown.update()
        await asyncio.sleep(shown.period_seconds)
