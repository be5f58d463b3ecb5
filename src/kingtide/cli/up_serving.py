"""Serves a run until a signal, or until its scenario has ended; may wait for who is to lead it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import TYPE_CHECKING

import msgspec

from kingtide.cli.failure import BadInput
from kingtide.rehearsal.prepare import Prepared

if TYPE_CHECKING:
    from kingtide.cli.up_view import View
    from kingtide.rehearsal.run import Run
    from kingtide.twin.apiserver.aws.server import AwsServer
    from kingtide.twin.apiserver.clock import Advance
    from kingtide.twin.apiserver.history import Change
    from kingtide.twin.apiserver.resources import Resource
    from kingtide.twin.apiserver.server import ApiServer


TOLD_SECONDS = 1.0
"""Less is not worth a line."""
LATE = "this machine cannot keep that speed"


class Ending(msgspec.Struct, frozen=True):
    """When the cluster's time begins, and whether it ends by itself.

    `wait_for_lease` is `namespace/name` of the Lease that somebody has to hold first, None: nobody
    has to.
    """

    wait_for_lease: str | None = None
    until_end: bool = False


def check_lease_name(written: str | None) -> None:
    """Check what names a Lease.

    Raises:
        BadInput: it is not `namespace/name`.
    """
    if written is not None and (written.count("/") != 1 or not all(written.split("/"))):
        hint = "write namespace/name, as kingtide-system/kingtide"
        raise BadInput(f"--wait-for-lease: {written!r} names no Lease", hint=hint)


def moving(run: Run, prepared: Prepared, ending: Ending) -> Advance:
    """Return what moves a run: on and on, or to its scenario's end and no further."""
    if not ending.until_end:
        return run.advance
    end_ms = prepared.definition.end_ms

    def advance(to_ms: int) -> bool:
        if to_ms < end_ms:
            return run.advance(to_ms)
        run.advance_to_end()
        return False

    return advance


def wait_for_lease(server: ApiServer, lease: str) -> None:
    """Have the cluster's time stand still until somebody holds a Lease."""
    wanted = tuple(lease.split("/"))

    def listen(resource: Resource, change: Change) -> None:
        entry = change.after
        if not server.clock.is_paused or resource.kind != "Lease" or entry is None:
            return
        if entry.key == wanted and entry.body().get("spec", {}).get("holderIdentity"):
            server.clock.go_on()

    server.clock.pause()
    server.api.objects.listen(listen)


def serve(
    server: ApiServer, cloud: AwsServer, run: Run, prepared: Prepared, *, quiet: bool
) -> None:
    """Serve until a signal or the end; the first signal ends it in order, a second the command.

    What the machine could not keep up with is told at the end.
    """
    from kingtide.cli.up_view import view

    async def serving() -> None:
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

    asyncio.run(serving())
    lost_seconds = server.clock.lost_ms / 1000
    if lost_seconds >= TOLD_SECONDS and not quiet:
        # Nothing was skipped: the cluster's time only went slower than was asked for.
        sys.stdout.write(f"The cluster was {lost_seconds:.0f} s late at the end: {LATE}.\n")


async def _show(shown: View) -> None:
    while True:
        shown.update()
        await asyncio.sleep(shown.period_seconds)
