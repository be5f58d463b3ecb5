"""Helm values of the tools that run on a cluster."""
