"""`kingtide completion`: completion of commands and options in the user's shell."""

from __future__ import annotations

import sys
from typing import Literal


def completion(shell: Literal["bash", "zsh", "fish"], /, *, install: bool = False) -> None:
    """Print the completion script for a shell, or install it.

    Printed, it belongs into a file that the shell loads by itself: for bash
    ~/.local/share/bash-completion/completions/kingtide, for zsh _cyclopts_kingtide in a folder
    of $fpath, for fish ~/.config/fish/completions/kingtide.fish.

    Args:
        shell: The shell that is to complete.
        install: Write the script where the shell looks, and name it in its start-up file.
    """
    from kingtide.cli.app import build

    app = build()
    if install:
        path = app.install_completion(shell=shell)
        sys.stdout.write(f"{path} written; open a new {shell} to use it\n")
    else:
        sys.stdout.write(app.generate_completion(shell=shell))
