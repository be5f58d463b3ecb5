"""What became of tools: dead ones with their successors, and charts that moved, as data."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Successor(msgspec.Struct, frozen=True):
    """A tool that nobody looks after any more, what to use instead, and where that is said."""

    fate: str
    instead: str
    source: str


class Move(msgspec.Struct, frozen=True):
    """A chart whose home changed: what its former homes begin with, and the present one."""

    former: tuple[str, ...]
    home: str
    source: str


_ELASTIC = Successor(
    "its charts are archived since 2023-05-16",
    "use the ECK operator (eck-operator, eck-stack)",
    "https://github.com/elastic/helm-charts",
)
DEAD: Mapping[str, Successor] = {
    "cerebro": Successor(
        "its last release is of 2021-07",
        "use Kibana",
        "https://github.com/lmenezes/cerebro/releases",
    ),
    "draino": Successor(
        "its last commit is of 2020-12",
        "use the on-demand reclaim of this fleet (`ondemandReclaim:`) or the descheduler",
        "https://github.com/planetlabs/draino/issues/119",
    ),
    "k8s-spot-termination-handler": Successor(
        "its last commit is of 2020-01",
        "use kops' nodeTerminationHandler (aws-node-termination-handler)",
        "https://github.com/kube-aws/kube-spot-termination-notice-handler",
    ),
    "kube-downscaler": Successor(
        "nobody maintains hjacobs/kube-downscaler",
        "use `downscale:` of this fleet, or py-kube-downscaler (caas-team)",
        "https://github.com/caas-team/py-kube-downscaler",
    ),
    "promtail": Successor(
        "its life ended on 2026-03-02",
        "use Grafana Alloy or fluent-bit",
        "https://grafana.com/docs/loki/latest/send-data/promtail/",
    ),
    "statsd-proxy": Successor(
        "its last release is of 2021-02",
        "use statsd-exporter's relay (--statsd.relay.address)",
        "https://github.com/hit9/statsd-proxy",
    ),
}
"""Tools by the name of their chart. As of 2026-08."""

DEAD_ALIASES: Mapping[str, str] = {
    "elasticsearch-cerebro": "cerebro",
    "hjacobs-kube-downscaler": "kube-downscaler",
    "kube-spot-termination-notice-handler": "k8s-spot-termination-handler",
}
"""Other names under which a dead tool goes."""

DEAD_HOMES: Mapping[str, Successor] = {
    "https://charts.helm.sh/": Successor(
        "this repository is archived since 2020-11-13",
        "take the chart from whoever makes the tool",
        "https://helm.sh/blog/charts-repo-deprecation/",
    ),
    "https://kubernetes-charts.storage.googleapis.com": Successor(
        "this repository is archived since 2020-11-13",
        "take the chart from whoever makes the tool",
        "https://helm.sh/blog/charts-repo-deprecation/",
    ),
}
"""Chart repositories that get no new versions, by what their URLs begin with."""

ELASTIC_CHARTS = ("elasticsearch", "filebeat", "kibana", "logstash", "metricbeat", "apm-server")
"""Charts of https://helm.elastic.co that are archived; those of ECK are not."""

MOVED: Mapping[str, Move] = {
    "aws-node-termination-handler": Move(
        ("https://aws.github.io/eks-charts",),
        "oci://public.ecr.aws/aws-ec2/helm",
        "https://github.com/aws/aws-node-termination-handler",
    ),
    "grafana": Move(
        ("https://grafana.github.io/helm-charts",),
        "https://grafana-community.github.io/helm-charts",
        "https://github.com/grafana-community/helm-charts",
    ),
    "loki": Move(
        ("https://grafana.github.io/helm-charts",),
        "https://grafana-community.github.io/helm-charts",
        "https://github.com/grafana/loki/issues/20705",
    ),
    "node-problem-detector": Move(
        ("https://charts.deliveryhero.io",),
        "oci://ghcr.io/deliveryhero/helm-charts",
        "https://github.com/deliveryhero/helm-charts",
    ),
}
"""Charts by name whose home changed. As of 2026-08."""


def successor(chart: str, repository: str) -> Successor | None:
    """Return what became of a chart that is dead; None for one that lives, or is not known here."""
    found = DEAD.get(DEAD_ALIASES.get(chart, chart))
    if found is not None:
        return found
    if repository.startswith("https://helm.elastic.co") and chart in ELASTIC_CHARTS:
        return _ELASTIC
    for home, fate in DEAD_HOMES.items():
        if repository.startswith(home):
            return fate
    return None


def move(chart: str, repository: str) -> Move | None:
    """Return where a chart went from the repository named; None for one that did not."""
    found = MOVED.get(chart)
    if found is None or not repository.startswith(found.former):
        return None
    return found
