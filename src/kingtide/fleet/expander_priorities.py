"""Which groups are asked before which, for the priority expander."""

from __future__ import annotations

PRIORITIES_KEY = "priorities"
"""The one key of the ConfigMap that holds them."""
PRIORITIES = '10:\n  - "^on-demand-.*"\n50:\n  - "^spot-nodes-.*"\n'
"""Spot before on-demand, in the format of Cluster Autoscaler's priority expander.

Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/expander/priority/readme.md
"""
