"""Whether AWS has the regions that clusters are in."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.view import ClusterView, Found
from kingtide.fleet.documents.nearest import did_you_mean

REGIONS = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2"),
    *("ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2"),
    *("ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"),
    *("ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1"),
    *("eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
    *("us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2"),
)
"""The regions of AWS, those of China and of the US government among them.

Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html (2026).
AWS opens one or two a year, so that an unknown one is a warning."""


def _unknown(cluster: ClusterView) -> Iterable[Found]:
    region = cluster.spec.region
    if region is not None and region not in REGIONS:
        wrong = f"{region!r} is no region of AWS that is known here"
        yield cluster.found(("region",), wrong, did_you_mean(region, REGIONS, what="regions"))


RULES = (
    Rule(
        code="KT213",
        title="A region that AWS does not have",
        severity="warning",
        why="Subnets are named after it, and prices and offerings are looked up by it; kops finds"
        " out only when it makes the network.",
        source="https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html",
        failing=Example(spec="region: eu-wset-1"),
        passing=Example(spec="region: eu-west-3"),
        check=each_cluster(_unknown),
    ),
)
