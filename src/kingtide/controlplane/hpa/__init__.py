"""The HorizontalPodAutoscaler controller's algorithm (Kubernetes 1.36), complete and pure.

`reconcile.reconcile` is one pass; `model` says what it is given and what it answers. Each rule
stands alone:

    requests -> pods -> tally -> replicas -> measurement -> recommendation -> normalization ->
    reconcile
                                    ratio, tolerance          wording          stabilization, limits
                                                                               behavior, history
"""
