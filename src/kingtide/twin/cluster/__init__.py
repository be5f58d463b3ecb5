"""The simulated cluster.

Kubernetes' own components around one object store, each with its latencies.
"""
