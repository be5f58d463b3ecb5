"""Where HAProxy is on this machine, and which version it is."""

from __future__ import annotations

import asyncio
import re
import shutil

PLACES = ("/usr/local/sbin", "/usr/sbin")
"""Where distributions and HAProxy's own Makefile put it; users' $PATH often lacks them."""
_VERSION = re.compile(r"version ([0-9]+\.[0-9]+[^ ]*)")
ANSWER_SECONDS = 10.0


def haproxy_binary() -> str | None:
    """Return the path of HAProxy, None where it is not installed."""
    return shutil.which("haproxy") or shutil.which("haproxy", path=":".join(PLACES))


async def haproxy_version(binary: str) -> str:
    """Return what `haproxy -v` calls itself, as 2.6.12-1+deb12u3; empty where it does not say."""
    try:
        process = await asyncio.create_subprocess_exec(
            binary, "-v", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return ""
    try:
        output, _ = await asyncio.wait_for(process.communicate(), ANSWER_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    found = _VERSION.search(output.decode("utf-8", "replace"))
    return "" if found is None else found[1]
