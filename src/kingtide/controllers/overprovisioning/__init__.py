"""Keeps room free ahead of a peak: pause pods in proportion to the cluster's cores."""
