"""The steps from the certificates of a running proxy to the desired ones.

A certificate is there before its hosts are, and hosts have another before they lose theirs. The
first certificate at all, another default and one too large for a command come with a reload.
"""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.planning.running import Running
from kingtide.controllers.ingress.planning.step import (
    DeleteCertificate,
    DropLine,
    ListHosts,
    PutCertificate,
    Step,
)
from kingtide.controllers.ingress.rendering.tls import COMMAND_BYTES, in_lines


def certificate_steps(desired: Desired, running: Running) -> Iterator[Step]:
    """Return the steps; none where TLS is not served yet, or no more."""
    if not desired.certificates or not running.certificate_lines:
        return
    wanted = {it.name: it for it in desired.certificates}
    for name, it in wanted.items():
        now = running.certificates.get(name)
        if now != it.mark and len(it.pem) <= COMMAND_BYTES:
            yield PutCertificate(name, it.pem, now is None)
    for name, it in wanted.items():
        listed = _listed(running, name)
        yield from _listing(name, tuple(host for host in it.hosts if host not in listed))
    for line, hosts in running.certificate_lines.items():
        name = _file(line)
        mine = wanted.get(name)
        of_it = frozenset(() if mine is None else mine.hosts)
        kept = tuple(host for host in hosts if host in of_it)
        if len(kept) == len(hosts) and (hosts or (mine is not None and mine.is_default)):
            continue
        yield from _listing(name, kept)
        yield DropLine(line)
    for name in running.certificates:
        if name not in wanted:
            yield DeleteCertificate(name)


def _listing(name: str, hosts: tuple[str, ...]) -> Iterator[Step]:
    for part in in_lines(hosts):
        yield ListHosts(name, part)


def _listed(running: Running, name: str) -> frozenset[str]:
    lines = running.certificate_lines
    return frozenset(host for line, hosts in lines.items() if _file(line) == name for host in hosts)


def _file(line: str) -> str:
    """Return the file of a line by its name, `file:number`."""
    return line.rpartition(":")[0]
