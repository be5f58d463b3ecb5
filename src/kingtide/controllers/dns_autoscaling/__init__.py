"""Sizes CoreDNS: replicas in proportion to the cluster's cores and nodes."""
