"""Kubernetes' own decisions, re-stated as pure functions: what a control plane would answer, never how it is asked."""
