"""Which options of `kingtide run` go together: none that was written is left unheeded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from kingtide.cli.failure import BadInput
from kingtide.cli.run_ingress import BalancerOptions

CLOCKS = ("machine", "server")
FREE_PORT = "127.0.0.1:0"
"""Where --listen is absent: for this machine only."""
WEBHOOK = "127.0.0.1:8443"
"""For this machine only, unless told otherwise; the port that needs no rights of its own."""


LISTEN = (
    f"HOST:PORT of /metrics, /healthz and /readyz, {FREE_PORT} when absent; a PORT alone is for"
    " this machine only, 0 is a free one, which the log tells; `none` serves nothing. Not with"
    " --once."
)


@Parameter(name="*")
@dataclass(frozen=True)
class Serving:
    """Where a process listens."""

    listen: Annotated[str | None, Parameter(help=LISTEN)] = None
    webhook: str | None = None
    """Of admission: HOST:PORT at which API servers ask, 127.0.0.1:8443 when absent."""
    webhook_url: str | None = None
    """Of admission outside of the cluster: the address that API servers are told."""


NOWHERE_ELSE = Serving()


def check_clock(clock: str) -> None:
    """Refuse a clock that is none.

    Raises:
        BadInput: it is none.
    """
    if clock not in CLOCKS:
        raise BadInput(f"--clock: {clock!r} is none", hint="write machine or server")


def check_names(names: tuple[str, ...], *, all_of_them: bool) -> None:
    """Refuse controllers by name beside --all.

    Raises:
        BadInput: both are written.
    """
    if all_of_them and names:
        raise BadInput(
            f"--all and {' '.join(names)} are two things", hint="name controllers, or write --all"
        )


def check_beside(alone: str, names: tuple[str, ...], written: Mapping[str, object]) -> None:
    """Refuse what does nothing in a process that only serves, and takes no decisions.

    `names` are all that are named, `written` what options there are, None or False for none.

    Raises:
        BadInput: something is.
    """
    hint = "leave it out, or run controllers in a process of their own"
    others = {it: True for it in names if it != alone}
    _check_unused(
        f"{alone} is a process of its own, which only serves", {**others, **written}, hint
    )


def alone_of(names: tuple[str, ...]) -> str | None:
    """Return what is named that runs as a process of its own, None for controllers."""
    return next((it for it in ("admission", "ingress") if it in names), None)


def check_served(
    serving: Serving, balancer: BalancerOptions, alone: str | None, *, once: bool
) -> None:
    """Refuse what is said of a webhook, an HAProxy or health that there will not be.

    Raises:
        BadInput: something is.
    """
    if alone != "admission":
        of_webhook = {"--webhook": serving.webhook, "--webhook-url": serving.webhook_url}
        _check_unused("only admission has a webhook", of_webhook, "write `kingtide run admission`")
    if alone != "ingress":
        of_haproxy = {
            "--haproxy": balancer.haproxy != BalancerOptions.haproxy,
            "--config-dir": balancer.config_dir,
            "--drain-seconds": balancer.drain_seconds,
        }
        _check_unused("only ingress has an HAProxy", of_haproxy, "write `kingtide run ingress`")
    of_health = {"--listen": serving.listen if once else None}
    _check_unused("with --once nothing is served", of_health, "leave one of them out")


def _check_unused(why: str, written: Mapping[str, object], hint: str) -> None:
    unused = [name for name, it in written.items() if it is not None and it is not False]
    if unused:
        raise BadInput(f"{' and '.join(unused)}: {why}", hint=hint)
