"""The ingress controller's process: a cluster's traffic followed, HAProxy kept as it asks for."""
