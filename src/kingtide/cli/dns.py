"""`kingtide dns bench`: what a running cache of names answers, how fast, and from where."""

from __future__ import annotations

import sys
from ipaddress import ip_address
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.kube.name_lookups import names_tried, search_list
from kingtide.live.dns.client import DnsClient, Unanswered
from kingtide.live.dns.measuring import (
    Measured,
    WithoutUpstream,
    measure,
    measure_without_upstream,
)
from kingtide.live.dns.message import BadName, Question, encode
from kingtide.report.dns_bench import measured_lines, without_upstream_lines

PORT = 53
_MOST_NDOTS = 5
_MOST_LOOKUPS, _MOST_RATE, _MOST_NAMES = 100_000, 5_000, 1_000
"""A measurement on a node in use: minutes of questions at most, and fewer than its pods ask."""
_LONGEST_TIMEOUT, _LONGEST_SECONDS = 60.0, 3600.0


def dns(
    action: Literal["bench"],
    address: str,
    /,
    *,
    name: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    lookups: int = 500,
    rate: int = 1000,
    timeout: float = 2.0,
    within: float = 300.0,
    tcp: Annotated[bool, Parameter(negative="")] = False,
    namespace: str = "default",
    domain: str = "cluster.local",
    upstream_dead: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Measure a running cache of names: hit rate, times by ndots, answers without its upstream.

    Lookups are made as pods make them: every name that the search list brings, A and AAAA, until
    one is there; what is cut off is asked again over TCP. Hits are what the cache counted itself
    (dnsmasq tells by CHAOS TXT), whoever else asked meanwhile. Ends with 1 where a lookup had no
    answer, or was not made in time.

    Args:
        action: What to do: bench.
        address: The cache's address, as 169.254.20.10 or 127.0.0.1:5353.
        name: A name to look up; may be repeated. kubernetes.default.svc and the domain when absent.
        lookups: How many with each ndots.
        rate: Questions a second, at most.
        timeout: Seconds after which a question counts as failed.
        within: Seconds after which no lookup is begun; half of them are for each ndots.
        tcp: Ask over TCP, as pods with use-vc do; dnsmasq counts no hits of it.
        namespace: The namespace whose search list is used.
        domain: The cluster's domain.
        upstream_dead: Whom the cache asks is dead: ask for each name once, and for one made anew.
        json: Print JSON instead.
    """
    del action  # there is only one
    host, port = _server(address)
    _bounded("--lookups", lookups, _MOST_LOOKUPS)
    _bounded("--rate", rate, _MOST_RATE)
    _in_seconds("--timeout", timeout, _LONGEST_TIMEOUT)
    _in_seconds("--within", within, _LONGEST_SECONDS)
    names = name or (f"kubernetes.default.svc.{domain}",)
    _bounded("--name", len(names), _MOST_NAMES)
    search = search_list(namespace, domain)
    _check_names(names, search)
    try:
        with DnsClient(
            host, port, timeout_seconds=timeout, queries_per_second=rate, over_tcp=tcp
        ) as client:
            _answers(client, names[0])
            found = (
                measure_without_upstream(client, names, within)
                if upstream_dead
                else measure(client, names, search, lookups, within)
            )
    except OSError as error:
        raise RunFailed(f"{address} cannot be asked: {error.strerror}") from error
    return _told(address, found, over_tcp=tcp, as_json=json)


def _told(
    address: str, found: Measured | WithoutUpstream, *, over_tcp: bool, as_json: bool
) -> ExitCode:
    if as_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    elif isinstance(found, Measured):
        lines = measured_lines(address, found, over_tcp=over_tcp)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    else:
        sys.stdout.writelines(f"{line}\n" for line in without_upstream_lines(address, found))
    return ExitCode.YES if found.is_whole else ExitCode.NO


def _answers(client: DnsClient, name: str) -> None:
    """Fail at once where nobody answers anything, not after every lookup."""
    for question in (Question("version.bind", "TXT", is_chaos=True), Question(name.rstrip("."))):
        try:
            client.ask(question)
        except Unanswered as error:
            last = error
        else:
            return
    raise RunFailed(f"nobody answers: {last}", hint="is the cache running, and on this port?")


def _server(text: str) -> tuple[str, int]:
    """Return address and port of `10.0.0.1`, `10.0.0.1:5353`, `::1` or `[::1]:5353`."""
    host, port = text, str(PORT)
    if text.startswith("["):
        host, end, rest = text[1:].partition("]")
        port = rest.removeprefix(":") if rest else port
        if not end or (rest and not rest.startswith(":")):
            host = text
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    hint = "write an address, as 169.254.20.10 or 127.0.0.1:5353"
    try:
        ip_address(host)
    except ValueError as error:
        raise BadInput(f"{text!r} is no address", hint=hint) from error
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise BadInput(f"{port!r} is no port", hint=hint)
    return host, int(port)


def _bounded(option: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise BadInput(f"{option} is {value:,}", hint=f"write 1 to {most:,}")


def _in_seconds(option: str, value: float, most: float) -> None:
    if not 0 < value <= most:
        raise BadInput(f"{option} is {value:g}", hint=f"write seconds above 0, up to {most:g}")


def _check_names(names: tuple[str, ...], search: tuple[str, ...]) -> None:
    try:
        for it in names:
            for tried in names_tried(it, _MOST_NDOTS, search):
                encode(Question(tried), 0)
    except BadName as error:
        raise BadInput(str(error), hint="write a name, as api.example.com") from error
