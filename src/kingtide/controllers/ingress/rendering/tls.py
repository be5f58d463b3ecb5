"""Files of certificates, the list of which host has which, and how binds name them.

Source: https://docs.haproxy.org/2.6/configuration.html#5.1-crt-list
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kingtide.controllers.ingress.desired import Certificate, Desired, Listening
from kingtide.controllers.ingress.rendering.layout import Layout

LINE_BYTES = 8_000
"""Of hosts in a line of the list: below what one command of the Runtime API holds, and what HAProxy
takes at all (2,048 words and 64 kB)."""
NO_NAMES = "!*"
COMMAND_BYTES = 11_000
"""Of a certificate that can be changed while HAProxy runs, as one command: below its buffer."""


def tls_files(desired: Desired, layout: Layout) -> Mapping[str, str]:
    """Return the files of keys and certificates, and their list, by their paths."""
    held = [(it.name, it.pem) for it in desired.secret_files]
    held += [(it.name, it.pem) for it in desired.certificates]
    found = {f"{layout.certificates}/{name}": pem.decode("ascii") for name, pem in held}
    if desired.certificates:
        found[layout.certificate_list] = certificate_list(desired, layout)
    return found


def certificate_list(desired: Desired, layout: Layout) -> str:
    """Return the list; the default comes first, which is how HAProxy knows it."""
    lines = [line for it in desired.certificates for line in _lines(it, layout)]
    return "".join(f"{line}\n" for line in lines)


def _lines(it: Certificate, layout: Layout) -> Iterator[str]:
    """A default takes no host by the names within it: `!*` excepts them all."""
    file = f"{layout.certificates}/{it.name}"
    if it.is_default:
        yield f"{file} {NO_NAMES}"
    for hosts in in_lines(it.hosts):
        yield " ".join((file, *hosts))


def in_lines(hosts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Return hosts in parts that a line can hold."""
    held: list[str] = []
    size = 0
    for host in hosts:
        if held and size + len(host) + 1 > LINE_BYTES:
            yield tuple(held)
            held, size = [], 0
        held.append(host)
        size += len(host) + 1
    if held:
        yield tuple(held)


def fixed(desired: Desired) -> str:
    """Return what of certificates cannot change while HAProxy runs: the default, and large ones."""
    default = next((it.name for it in desired.certificates if it.is_default), "")
    large = [it.mark for it in desired.certificates if len(it.pem) > COMMAND_BYTES]
    return f"# {default} {large}\n" if desired.certificates else ""


def bind_options(desired: Desired, layout: Layout) -> tuple[str, ...]:
    """Return the words of a bind that takes TLS."""
    listening = desired.listening
    words: tuple[str, ...] = ("ssl", "crt-list", layout.certificate_list, "alpn", listening.alpn)
    has_default = any(it.is_default for it in desired.certificates)
    if listening.is_strict or not has_default:
        words += ("strict-sni",)
    return words + _clients(listening)


def _clients(listening: Listening) -> tuple[str, ...]:
    if listening.client_authorities is None:
        return ()
    how = "optional" if listening.is_client_optional else "required"
    return ("ca-file", listening.client_authorities.name, "verify", how)
