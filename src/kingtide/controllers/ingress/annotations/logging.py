"""syslog-server, log-format, dontlognull, logasap: where requests are written down, and how."""

from __future__ import annotations

from re import compile as expression
from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Scope
from kingtide.controllers.ingress.annotations.phases import OPTION
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable, lines, shown
from kingtide.controllers.ingress.annotations.whole import Whole
from kingtide.controllers.ingress.directive import Directive, check_word
from kingtide.controllers.ingress.names import address_of

_FACILITIES = (
    r"kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|auth2|ftp|ntp|audit|alert|cron2"
    r"|local[0-7]"
)
_LEVELS = "emerg|alert|crit|err|warning|notice|info|debug"
_FORMATS = "rfc3164|rfc5424|short|raw"
_VARIABLES = (
    "o|B|CC|CS|H|HM|HP|HPO|HQ|HU|HV|ID|ST|T|TR|Ta|Tc|Td|Th|Ti|Tl|Tq|Tr|Ts|Tt|Tu|Tw|U|ac|b|bc|bi"
    "|bp|bq|ci|cp|f|fc|fi|fp|ft|hr|hrl|hs|hsl|lc|ms|pid|r|rc|rt|s|sc|si|sp|sq|sslc|sslv|t|tr|trg"
    "|trl|ts|tsc"
)
"""Source: https://docs.haproxy.org/2.6/configuration.html#8.2.4"""
_LOGGED = (
    r"var\(txn\.base\)|method|src|src_port|dst|dst_port|ssl_fc|ssl_fc_cipher|ssl_fc_protocol|ssl_fc_sni|ssl_fc_alpn"
    r"|ssl_c_s_dn|ssl_c_i_dn|ssl_c_verify|unique-id|capture\.req\.(?:method|uri|ver|hdr\([0-9]{1,2}\))"
)
"""Samples that are still there when a request is logged: HAProxy refuses its configuration for
others, such as headers."""
BASE = "var(txn.base)"
"""Host and path that a client asked for, as haproxytech's controller calls them in its formats."""
FORMAT = (
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq"
    f' %hr %hs "%HM %{{+E}}[{BASE}] %HV"'
)
"""haproxytech's own: HAProxy's `httplog`, with the host and without the query, where secrets stand.
Quotes of a client's are escaped: it could write fields of its own else."""
_ITEM = expression(r"%(?:%|(?:\{[-+QXE,]{0,12}\})?(?:([A-Za-z]{1,4})|\[([^\]]{1,200})\]))")


def logging(scope: Scope) -> Whole:
    """Return how requests are logged; nothing is where no server is named."""
    reading = Reading(scope)
    servers = reading.value("syslog-server", _servers) or ()
    form = reading.value("log-format", _format) or FORMAT
    whole = tuple(Directive(OPTION, ("log", *words)) for words in servers)
    everywhere: list[Directive] = []
    frontend: tuple[Directive, ...] = ()
    if servers:
        everywhere += [Directive(OPTION, it) for it in (("log", "global"), ("log-format", form))]
        if BASE in form:
            frontend = (Directive(OPTION, ("http-request", "set-var(txn.base)", "base")),)
    if reading.is_on("dontlognull", otherwise=True):
        everywhere.append(Directive(OPTION, ("option", "dontlognull")))
    if reading.is_on("logasap"):
        everywhere.append(Directive(OPTION, ("option", "logasap")))
    return Whole(whole, tuple(everywhere), frontend, problems=tuple(reading.problems))


def _servers(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_server(line) for line in lines(text))


def _server(line: str) -> tuple[str, ...]:
    parts = [part.partition(":") for part in line.split(",") if part.strip()]
    fields = {name.strip(): value.strip() for name, _, value in parts}
    unknown = set(fields) - {"address", "port", "facility", "format", "length", "level", "minlevel"}
    if unknown:
        raise Unreadable(f"{shown(line)} has {', '.join(sorted(unknown))}, which no server has")
    words = [_address(fields.get("address", ""), fields.get("port", "514"))]
    if "length" in fields:
        if not fullmatch(r"[1-9][0-9]{2,4}", fields["length"]) or int(fields["length"]) > 65535:
            raise Unreadable(f"{shown(fields['length'])} is no length; write 1024")
        words += ["len", fields["length"]]
    if "format" in fields:
        words += ["format", _known(fields["format"], _FORMATS)]
    words.append(_known(fields.get("facility", "local0"), _FACILITIES))
    level = fields.get("level", "debug" if "minlevel" in fields else "")
    words += [_known(level, _LEVELS)] if level else []
    words += [_known(fields["minlevel"], _LEVELS)] if "minlevel" in fields else []
    return tuple(words)


def _address(text: str, port: str) -> str:
    if text in ("stdout", "stderr"):
        return text
    try:
        address = address_of(text)
    except ValueError:
        raise Unreadable(f"{shown(text)} is no address of a syslog server") from None
    if not fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
        raise Unreadable(f"{shown(port)} is no port")
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


def _known(text: str, words: str) -> str:
    if fullmatch(words, text) is None:
        raise Unreadable(f"{shown(text)} is none of {words}")
    return text


def _format(text: str) -> str:
    """Return a log format of known variables and of samples that are there in the end."""
    check_word(text)
    rest = text
    while "%" in rest:
        rest = rest[rest.index("%") :]
        found = _ITEM.match(rest)
        if found is None:
            raise Unreadable(f"{shown(rest)} is no variable of a log format")
        variable, inner = found.groups()
        if variable is not None and fullmatch(_VARIABLES, variable) is None:
            raise Unreadable(f"%{variable} is no variable of a log format")
        if inner is not None and fullmatch(_LOGGED, inner) is None:
            message = "is not known any more when a request is logged; write request-capture, %hr"
            raise Unreadable(f"{shown(inner)} {message}")
        rest = rest[found.end() :]
    return text
