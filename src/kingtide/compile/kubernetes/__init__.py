"""Kubernetes objects that make a cluster of the fleet what it is, before anything runs on it."""
