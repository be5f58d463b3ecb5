"""The seam every controller stands on: Snapshot in, Decision out, and nothing else."""
