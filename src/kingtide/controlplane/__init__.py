"""Kubernetes' own decisions, re-stated as pure functions.

What a control plane would answer, never how it is asked.
"""
