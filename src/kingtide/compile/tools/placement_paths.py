"""Where charts take the node selector and tolerations of their pods.

At the top of their values, if they are not listed here. What a chart's version does not use does no
harm; what it needs besides stands in the tool's own values.
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.compile.document import Body

_TOP = ((),)
PATHS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    # https://cert-manager.io/docs/installation/helm/
    "cert-manager": ((), ("cainjector",), ("startupapicheck",), ("webhook",)),
    # https://github.com/prometheus-community/helm-charts/tree/main/charts/kube-prometheus-stack
    "kube-prometheus-stack": (
        ("alertmanager", "alertmanagerSpec"),
        ("grafana",),
        ("kube-state-metrics",),
        ("prometheus", "prometheusSpec"),
        ("prometheusOperator",),
    ),
    # https://github.com/haproxytech/helm-charts/tree/main/kubernetes-ingress
    "kubernetes-ingress": (("controller",),),
    # https://grafana.com/docs/loki/latest/setup/install/helm/reference/
    "loki": (("backend",), ("gateway",), ("read",), ("singleBinary",), ("write",)),
    # https://docs.victoriametrics.com/helm/victoria-metrics-cluster/
    "victoria-metrics-cluster": (("vminsert",), ("vmselect",), ("vmstorage",)),
}
"""By the chart's name in its repository. Sources: the `values.yaml` of each."""


def placed_in(chart: str, placement: Body) -> Body:
    """Return the values that bring a chart's pods to where `placement` says."""
    found: Body = {}
    for path in PATHS.get(chart, _TOP):
        at = found
        for step in path:
            inner = at.setdefault(step, {})
            assert isinstance(inner, dict)  # maps only, as no path leads below a placement
            at = inner
        at.update(placement)
    return found
