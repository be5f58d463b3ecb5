"""The documents that kops reads: a Cluster and its InstanceGroups, API version v1alpha2.

Fields and their meaning: https://kops.sigs.k8s.io/cluster_spec/ and
https://kops.sigs.k8s.io/instance_groups/ (1.37).
"""

from __future__ import annotations

API_VERSION = "kops.k8s.io/v1alpha2"
"""The one version that kops serves."""
