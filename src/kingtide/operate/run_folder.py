"""The folder of a plan's run: what commands read, what they said, and the journal."""

from __future__ import annotations

from pathlib import Path

from kingtide.compile.compiled_cluster import KOPS_FILE, OBJECTS_FILE
from kingtide.compile.plan.model import ClusterPlan
from kingtide.files.writing import write_files

SUFFIX = ".run"
KUBECONFIG = "kubeconfig"


class RunFolder:
    """Paths below `<plan file>.run`; only its owner can read it, for credentials pass through."""

    def __init__(self, plan_file: Path) -> None:
        self.path = plan_file.with_name(plan_file.name + SUFFIX).absolute()

    @property
    def kubeconfig(self) -> Path:
        """Credentials of this run; they are taken away when it ends."""
        return self.path / KUBECONFIG

    def cluster(self, cluster: ClusterPlan) -> Path:
        """Return the folder in which a cluster's steps run."""
        return self.path / cluster.name

    def log(self, cluster: ClusterPlan, step: str) -> Path:
        """Return where everything is that a step says."""
        return self.path / "logs" / f"{cluster.name}-{step}.log"

    def make(self) -> None:
        """Make the folder; that it exists already is fine."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def lay_out(self, cluster: ClusterPlan) -> None:
        """Write what a cluster's steps read.

        Raises:
            NotWritable: the file system refuses.
        """
        files = {
            KOPS_FILE: cluster.after_kops.encode(),
            OBJECTS_FILE: cluster.after_objects.encode(),
        }
        write_files(self.cluster(cluster), files)

    def forget_credentials(self) -> None:
        """Take the credentials of the run away."""
        self.kubeconfig.unlink(missing_ok=True)
