"""The process in which Go's engine runs, so that no template can take more than its share.

A template may repeat without end (`{{ range until 100000 }}` twice over), and the engine, once
called, cannot be stopped: only a process can. This is what that process runs; `bounded_engine`
starts it and asks it.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import resource
import struct
import sys
import tarfile
import time
from collections.abc import Mapping
from typing import BinaryIO

import msgspec

CPU_SECONDS = 10
"""Processor time of one request. A large template takes a hundredth of a second."""
MEMORY_BYTES = 3 * 1024**3
"""Address space: Go sets a gigabyte aside before it does anything."""
MAX_PRINTED_BYTES = 32 * 1024**2
"""What one template may print: kops refuses objects a tenth of that, and so does etcd."""

LENGTH = struct.Struct(">Q")
"""Before each message stands how long it is."""

_CHART = b"apiVersion: v2\nname: k\nversion: 0.0.0\n"
FOLDER = "k/templates/"
"""Where the templates of a request stand in the chart that is made of them."""


class Request(msgspec.Struct, frozen=True, array_like=True):
    """Templates to be rendered, of which what `entry` prints is asked, or YAML to be read."""

    templates: Mapping[str, str] | None = None
    strict: bool = False
    yaml: str = ""
    cpu_seconds: int = CPU_SECONDS


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What was printed, or a map as JSON; `refused` is what the engine says against it."""

    text: str = ""
    refused: str | None = None


def main() -> None:
    """Answer requests until there are no more."""
    with contextlib.suppress(ValueError, OSError):  # where the system has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while (message := read_message(sys.stdin.buffer)) is not None:
        request = msgspec.msgpack.decode(message, type=Request)
        most = int(time.process_time()) + 1 + request.cpu_seconds
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
        answer = _answer(request)
        sys.stdout.buffer.write(framed(msgspec.msgpack.encode(answer)))
        sys.stdout.buffer.flush()


def framed(message: bytes) -> bytes:
    """Return a message as it goes over a pipe."""
    return LENGTH.pack(len(message)) + message


def read_message(pipe: BinaryIO) -> bytes | None:
    """Return the next message of a pipe, None at its end."""
    head = pipe.read(LENGTH.size)
    return pipe.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _answer(request: Request) -> Answer:
    import helm_python

    try:
        if request.templates is None:
            return Answer(json.dumps(helm_python.values_from_yaml(request.yaml)))
        text = _rendered(request.templates, strict=request.strict)
    except (helm_python.HelmError, RecursionError) as error:
        return Answer(refused=str(error))
    if len(text) > MAX_PRINTED_BYTES * 4 // 3:  # the engine's caller has it encoded (base64)
        return Answer(refused=f"prints more than {MAX_PRINTED_BYTES // 1024**2} MiB")
    return Answer(text)


def _rendered(templates: Mapping[str, str], *, strict: bool) -> str:
    from helm_python import Chart, _native

    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        _add(archive, "k/Chart.yaml", _CHART)
        for name, text in templates.items():
            _add(archive, FOLDER + name, text.encode())
    options = json.dumps({"strict": strict})
    with Chart.load_archive(packed.getvalue()) as chart:
        rendered = _native.call_string("helm_render", chart._raw(), "{}", options)
    printed: str = json.loads(rendered).get(f"{FOLDER}entry", "")
    return printed


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
