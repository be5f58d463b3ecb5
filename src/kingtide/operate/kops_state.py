"""What the state store of kops holds now, as kops tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from kingtide.compile.document import Document
from kingtide.operate.commands import Commands, NotRunnable
from kingtide.operate.failures import ToolUnfit
from kingtide.operate.tools import Tools

READ_SECONDS = 300
"""For reading a state store: a few objects of S3 for each cluster."""

_NOTHING = ("no clusters found", "no instancegroup objects found")
"""How kops says that there is none, in lower case; it ends with an error then."""


class KopsState:
    """Reads clusters and their InstanceGroups, each once."""

    def __init__(self, commands: Commands, tools: Tools, folder: Path) -> None:
        self._commands = commands
        self._tools = tools
        self._folder = folder
        self._clusters: Mapping[str, Document] | None = None

    def documents(self, full_name: str) -> tuple[Document, ...] | None:
        """Return a cluster's documents, None where the state store has no such cluster.

        Raises:
            ToolUnfit: kops does not answer as it should.
        """
        if self._clusters is None:
            self._clusters = {it.name: it for it in self._get("clusters")}
        cluster = self._clusters.get(full_name)
        if cluster is None:
            return None
        return (cluster, *self.groups(full_name))

    def groups(self, full_name: str) -> tuple[Document, ...]:
        """Return a cluster's InstanceGroups.

        Raises:
            ToolUnfit: kops does not answer as it should.
        """
        return self._get("instancegroups", "--name", full_name)

    def _get(self, what: str, *flags: str) -> tuple[Document, ...]:
        command = (self._tools.kops, "get", what, *flags, "-o", "json")
        log = self._folder / "logs" / "state.log"
        try:
            answer = self._commands.run(
                command, folder=self._folder, timeout_seconds=READ_SECONDS, log=log
            )
        except NotRunnable as error:
            raise ToolUnfit(str(error)) from error
        if not answer.succeeded:
            if any(text in line.lower() for line in answer.last_lines for text in _NOTHING):
                return ()
            raise ToolUnfit(
                f"`kops get {what}` {answer.ending}, so nobody knows what there is",
                details=answer.last_lines[-5:],
                hint="check the state store's name and your AWS credentials",
            )
        return tuple(Document(it) for it in _objects(answer.stdout, what))


def _objects(stdout: bytes, what: str) -> list[dict[str, Any]]:
    """Return the objects of an answer: a list, or one alone."""
    try:
        found = json.loads(stdout, parse_float=Decimal)
    except ValueError as error:
        raise ToolUnfit(f"`kops get {what}` answers with something that is no JSON") from error
    listed = found if isinstance(found, list) else [found]
    for it in listed:
        named = isinstance(it, dict) and isinstance(it.get("metadata"), dict)
        if not named or "name" not in it["metadata"] or "kind" not in it:
            raise ToolUnfit(f"`kops get {what}` answers with something that has no name")
    return [{"apiVersion": "kops.k8s.io/v1alpha2", **it} for it in listed]
