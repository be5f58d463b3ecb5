"""Installs distribution packages where that is allowed, and says what to type where it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

# A fresh machine downloads its package lists and perhaps a browser; a hung mirror ends here.
APT_TIMEOUT_SECONDS = 900


def install(packages: Sequence[str], *, is_root: bool | None = None) -> bool:
    """Install `packages` with apt-get as root or with `sudo -n`; whether it worked.

    `is_root` None: whoever runs this.

    Where neither is possible, prints the command a person can type and returns False.
    """
    by_hand = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        print(f"  this is no Debian or Ubuntu: install by your own means: {' '.join(packages)}")
        return False
    prefix = privilege(is_root=os.geteuid() == 0 if is_root is None else is_root)
    if prefix is None:
        print(f"  not root and sudo asks for a password; type: sudo sh -c '{by_hand}'")
        return False
    print(f"  {by_hand}", flush=True)
    options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    # sudo does not pass the environment on, env does.
    apt_get = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    # The lists of a fresh machine are empty or old. Failing to renew them need not matter.
    run([*apt_get, "update", "-q"])
    if run([*apt_get, "install", *options, *packages]):
        return True
    print(f"  apt-get could not install {' '.join(packages)}; its last words stand above")
    return False


def privilege(*, is_root: bool) -> list[str] | None:
    """What to put before a command to run it as root; None when that would need a password."""
    if is_root:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
    return [sudo, "-n"] if asked.returncode == 0 else None


def run(command: Sequence[str]) -> bool:
    """Run a command quietly and show its last lines if it fails; whether it worked."""
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=APT_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", file=sys.stderr)
        return False
    if finished.returncode:
        print("\n".join(finished.stdout.splitlines()[-8:]), file=sys.stderr)
    return finished.returncode == 0
