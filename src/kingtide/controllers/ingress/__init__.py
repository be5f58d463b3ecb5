"""Brings a cluster's traffic to its pods: Ingresses become the configuration of HAProxy."""
