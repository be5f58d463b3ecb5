"""`kingtide` as a process that can write no file, as in a container whose file system is read-only.

Whoever opens one to write, or makes a folder, is told EROFS, as the kernel tells it there. The
hooks stand below every library: https://peps.python.org/pep-0578/.
"""

from __future__ import annotations

import sys

_SCRIPT = """\
import errno, os, sys

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
MAKES = {"os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate", "tempfile.mkstemp"}


def refuse(event, arguments):
    if event == "open":
        path, _, flags = arguments
        is_written = bool((flags or 0) & WRITES) and isinstance(path, (str, bytes, os.PathLike))
        if is_written and os.fsdecode(path) != os.devnull:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
    elif event in MAKES:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(arguments[0]))


sys.dont_write_bytecode = True
sys.addaudithook(refuse)
from kingtide.cli import main

main()
"""
KINGTIDE = [sys.executable, "-c", _SCRIPT]
