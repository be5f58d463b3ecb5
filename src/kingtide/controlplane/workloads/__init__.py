"""Decisions of Kubernetes' workload controllers."""
