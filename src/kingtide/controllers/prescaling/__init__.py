"""Raises the floor of replicas before a known event, and hands back to the autoscaler after it."""
