"""Kingtide runs fleets of Kubernetes clusters through extreme peaks on spot capacity."""

__version__ = "0.1.0"
