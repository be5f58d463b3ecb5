"""How metrics are found: annotations on the pods, or a ServiceMonitor of Prometheus' operator."""

from __future__ import annotations

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.operate.installation.installation import HEALTH_PORT, NAME, Installation

METRICS = "metrics"
"""The port's name."""
_SERVICE_MONITOR = "monitoring.coreos.com/v1"
"""Source: https://prometheus-operator.dev/docs/api-reference/api/ (v0.86)."""


def scraped(port: int = HEALTH_PORT) -> Body:
    """Return the annotations by which many Prometheus configurations find pods.

    No standard, but that of the community's chart:
    https://github.com/prometheus-community/helm-charts/blob/main/charts/prometheus/README.md
    """
    return {
        "prometheus.io/path": "/metrics",
        "prometheus.io/port": str(port),
        "prometheus.io/scrape": "true",
    }


def monitoring(installation: Installation) -> tuple[Document, ...]:
    """Return the Service and its ServiceMonitor, nothing where pods are found otherwise.

    The Service has no address: each pod is scraped, as each has figures of its own.
    """
    if installation.monitoring != "service-monitor":
        return ()
    labels = {"app.kubernetes.io/name": NAME}
    selected: Body = {**labels}
    endpoint: Body = {"path": "/metrics", "port": METRICS}
    return (
        Document(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": metadata(NAME, KINGTIDE_NAMESPACE, labels=labels),
                "spec": {
                    "clusterIP": "None",
                    "ports": [
                        {
                            "name": METRICS,
                            "port": HEALTH_PORT,
                            "protocol": "TCP",
                            "targetPort": METRICS,
                        }
                    ],
                    # One that is not ready says in its metrics why.
                    "publishNotReadyAddresses": True,
                    "selector": {**selected},
                },
            }
        ),
        Document(
            {
                "apiVersion": _SERVICE_MONITOR,
                "kind": "ServiceMonitor",
                "metadata": metadata(NAME, KINGTIDE_NAMESPACE, labels=labels),
                "spec": {"endpoints": [endpoint], "selector": {"matchLabels": {**selected}}},
            }
        ),
    )
