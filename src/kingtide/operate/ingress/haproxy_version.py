"""Which HAProxy this is, and whether we know it."""

from __future__ import annotations

import re
import shutil
import subprocess

TESTED = "2.6"
"""The version of the distribution whose package the tests run."""
OLDEST = (2, 6)
"""Servers are added and taken away while it runs, which was an experiment until then. Source:
https://gist.github.com/haproxytechblog/54b874d7716884d29ec5dc5d197a2219 (of 2.5)"""
_SECONDS = 10


class NoHaproxy(Exception):
    """There is none that we could use, or it does not say which it is."""


def found_haproxy(command: str) -> str:
    """Return the command's path; servers stand where a user's PATH may not look.

    Raises:
        NoHaproxy: there is no such command.
    """
    found = shutil.which(command) or shutil.which(command, path="/usr/local/sbin:/usr/sbin:/sbin")
    if found is None:
        raise NoHaproxy(f"there is no {command}")
    return found


def version_of(path: str) -> str:
    """Return the version that a command says it is.

    Raises:
        NoHaproxy: it is no HAProxy, or one that is too old.
    """
    try:
        said = subprocess.run([path, "-v"], capture_output=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoHaproxy(f"{path} does not say which version it is ({error})") from error
    found = re.search(rb"HAProxy version (\S+)", said.stdout)
    if found is None:
        raise NoHaproxy(f"{path} is no HAProxy")
    version = found.group(1).decode("ascii", "replace")
    numbers = tuple(int(it) for it in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise NoHaproxy(f"{path} is HAProxy {version}, and {oldest} is the oldest that can be used")
    return version


def is_tested(version: str) -> bool:
    """Return whether the tests run this version."""
    return version.startswith(f"{TESTED}.")
