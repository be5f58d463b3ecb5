"""What a cluster compiles to, and the files that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec

from kingtide.compile.document import Body, Document
from kingtide.compile.yaml_text import yaml_stream, yaml_text

HEADER = "# Written by `kingtide compile`, which overwrites changes; change the fleet's files.\n"
"""The first line of every file, by which files of clusters and tools that are gone are known."""

KOPS_FILE, OBJECTS_FILE, TOOLS_FOLDER, VALUES_SUFFIX = (
    "kops.yaml",
    "objects.yaml",
    "tools",
    ".values.yaml",
)


class CompiledCluster(msgspec.Struct, frozen=True):
    """Everything that is put on one cluster.

    `name` is the fleet's, `full_name` kops' and AWS'. `kops` is the Cluster, then InstanceGroups:
    the control plane's, admin's, the others by name. `objects` are Kubernetes' in the order in
    which they can be applied. `tools` are the Helm values of every tool that runs here, by name.
    """

    name: str
    full_name: str
    kops: tuple[Document, ...]
    objects: tuple[Document, ...]
    tools: Mapping[str, Body]

    def files(self) -> Mapping[PurePosixPath, bytes]:
        """Return the files that hold it, by path below the folder of all clusters."""
        folder = PurePosixPath(self.name)
        texts = {
            folder / KOPS_FILE: yaml_stream(it.body for it in self.kops),
            folder / OBJECTS_FILE: yaml_stream(it.body for it in self.objects),
        }
        for tool, values in self.tools.items():
            texts[folder / TOOLS_FOLDER / f"{tool}{VALUES_SUFFIX}"] = yaml_text(values)
        return {path: f"{HEADER}{text}".encode() for path, text in texts.items()}
