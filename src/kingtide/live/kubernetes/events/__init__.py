"""Kubernetes Events: what controllers hold and did, beside the objects it is about."""
