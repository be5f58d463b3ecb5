"""Installs the distribution packages that tests want: `python3 -m setup.system_packages`.

Without them the tests that need one are skipped, and the test run counts them.
"""

from __future__ import annotations

import shutil
import sys
from typing import NamedTuple

from setup import apt


class SystemPackage(NamedTuple):
    """A package of Debian's, the command that shows it is there, and what it is wanted for."""

    name: str
    command: str
    reason: str


PACKAGES = (
    SystemPackage("chromium", "chromium", "tests/real opens report.html in a real browser"),
    SystemPackage("chromium-driver", "chromedriver", "and this one drives that browser"),
    SystemPackage("awscli", "aws", "tests/real asks the twin's cloud with the aws command"),
    SystemPackage("haproxy", "haproxy", "tests/real sends requests through a real HAProxy"),
    SystemPackage("wrk", "wrk", "tests and make bench ask HAProxy with it"),
    SystemPackage("dnsmasq-base", "dnsmasq", "tests/real asks a real dnsmasq for names"),
    SystemPackage("zsh", "zsh", "tests/real completes kingtide's commands in a real zsh"),
)


def main() -> int:
    """Install what is missing; 0 even where that cannot be, as the tests say what they skip."""
    missing = [package for package in PACKAGES if not _is_there(package.command)]
    if not missing:
        return 0
    print("Some tests want packages of the distribution that are not installed:")
    for package in missing:
        print(f"  {package.name}: {package.reason}")
    if not apt.install([package.name for package in missing]):
        print("  going on without: the tests that need them are skipped, and counted as skipped")
    return 0


def _is_there(command: str) -> bool:
    """Return whether a command is installed; servers stand where a user's PATH may not look."""
    return any(shutil.which(command, path=path) for path in (None, "/usr/sbin:/sbin"))


if __name__ == "__main__":
    sys.exit(main())
