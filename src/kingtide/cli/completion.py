"""`kingtide completion`: completion of commands and options in the user's shell."""

from __future__ import annotations

import sys
from typing import Literal


def completion(shell: Literal["bash", "zsh", "fish"]) -> None:
    """Print the completion script for a shell.

    For bash: kingtide completion bash > ~/.local/share/bash-completion/completions/kingtide
    For zsh: kingtide completion zsh > _kingtide, in a folder of $fpath.

    Args:
        shell: The shell that is to complete.
    """
    from kingtide.cli.app import build

    sys.stdout.write(build().generate_completion(shell=shell))
