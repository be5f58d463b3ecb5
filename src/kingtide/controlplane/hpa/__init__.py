"""The HorizontalPodAutoscaler controller's algorithm (Kubernetes 1.36), complete and pure.

`reconcile` is one pass; `model` says what it is given and what it answers.
"""
