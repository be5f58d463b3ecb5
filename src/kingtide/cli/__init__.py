"""The command line: one module a command, each named in kingtide.cli.app.COMMANDS."""

from kingtide.cli.app import main

__all__ = ["main"]
