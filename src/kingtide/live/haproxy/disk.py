"""HAProxy's files on the disk: whole or not at all, and no key longer than somebody needs it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from kingtide.controllers.ingress.rendering.layout import Layout


def write_files(files: Mapping[str, str]) -> None:
    """Write files whole or not at all, in their order, readable by their owner alone."""
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(new, path)  # noqa: PTH105 (atomic, as os.replace is)


def drop_keys(layout: Layout, kept: Collection[str]) -> None:
    """Take certificates and keys away that are none of these paths: nobody needs them any more."""
    folder = Path(layout.certificates)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if str(path) not in kept:
            path.unlink(missing_ok=True)
