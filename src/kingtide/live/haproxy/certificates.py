"""Certificates of the running process: read, and changed without a reload.

Source: https://docs.haproxy.org/2.6/management.html#9.3-set%20ssl%20cert
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controllers.ingress.planning.step import (
    DeleteCertificate,
    DropLine,
    ListHosts,
    PutCertificate,
)
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.tls import NO_NAMES
from kingtide.live.haproxy.runtime import Runtime, RuntimeFailed, batches, word

CertificateStep = PutCertificate | ListHosts | DropLine | DeleteCertificate


class Certificates:
    """Asks the process behind a socket."""

    def __init__(self, runtime: Runtime, layout: Layout) -> None:
        self._runtime = runtime
        self._folder = f"{layout.certificates}/"
        self._list = layout.certificate_list

    async def read(self) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
        """Return marks by the names of files, and hosts by lines, as `Running` has them.

        Raises:
            RuntimeFailed: the process does not answer.
        """
        listed = await self._runtime.ask(f"show ssl crt-list -n {self._list}")
        lines = lines_of(listed, self._folder)
        if not lines:
            return {}, {}
        names = files_of(await self._runtime.ask("show ssl cert"), self._folder)
        marks: dict[str, str] = {}
        for request in batches((f"show ssl cert {self._folder}{it}" for it in names), "; "):
            marks.update(marks_of(await self._runtime.ask(request), self._folder))
        return marks, lines

    async def do(self, step: CertificateStep) -> None:
        """Do a step.

        Raises:
            RuntimeFailed: the process refuses, or does not answer.
        """
        match step:
            case PutCertificate():
                await self._put(step)
            case ListHosts():
                hosts = " ".join(word(host) for host in step.hosts)
                request = f"add ssl crt-list {self._list} <<\n{self._path(step.name)} {hosts}\n"
                await self._sure(request, "Success!")
            case DropLine():
                request = f"del ssl crt-list {self._list} {self._path(step.line)}"
                await self._sure(request, "deleted")
            case DeleteCertificate():
                await self._sure(f"del ssl cert {self._path(step.name)}", "deleted")

    async def _put(self, step: PutCertificate) -> None:
        path = self._path(step.name)
        if step.is_new:
            await self._sure(f"new ssl cert {path}", "New empty certificate store")
        pem = step.pem.decode("ascii").strip()
        try:
            await self._sure(f"set ssl cert {path} <<\n{pem}\n", "ransaction")
            await self._sure(f"commit ssl cert {path}", "Success!")
        except RuntimeFailed:
            await self._runtime.ask(f"abort ssl cert {path}")
            raise

    def _path(self, name: str) -> str:
        return f"{self._folder}{word(name)}"

    async def _sure(self, request: str, expected: str) -> None:
        answer = await self._runtime.ask(request)
        if expected not in answer:
            raise RuntimeFailed(f"{request.splitlines()[0]}: {answer.strip()[:200]}")


def lines_of(answer: str, folder: str) -> Mapping[str, tuple[str, ...]]:
    """Return hosts by lines, from the answer to `show ssl crt-list -n`; nothing of other texts."""
    found: dict[str, tuple[str, ...]] = {}
    for text in answer.splitlines():
        cells = text.split()
        if cells and cells[0].startswith(folder):
            found[cells[0].removeprefix(folder)] = tuple(it for it in cells[1:] if it != NO_NAMES)
    return found


def files_of(answer: str, folder: str) -> tuple[str, ...]:
    """Return the names of certificates that hosts have, from the answer to `show ssl cert`.

    Those of servers have no underscore; one in an unfinished change is shown with a star.
    """
    names = (line.removeprefix(folder) for line in answer.splitlines() if line.startswith(folder))
    return tuple(name for name in names if "_" in name)


def marks_of(answer: str, folder: str) -> Mapping[str, str]:
    """Return marks by names, from answers to `show ssl cert FILE`; empty for an empty store."""
    found: dict[str, str] = {}
    name, chain = "", 0
    for line in answer.splitlines():
        key, _, value = line.partition(": ")
        if key == "Filename":
            name, chain = value.strip().removeprefix(folder), 0
            found[name] = ""
        elif key == "SHA1 FingerPrint" and name:
            found[name] = f"{value.strip()}+0"
        elif key == "Chain Subject" and name:
            chain += 1
            found[name] = f"{found[name].partition('+')[0]}+{chain}"
    return found
