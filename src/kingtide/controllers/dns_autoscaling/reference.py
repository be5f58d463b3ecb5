"""The page docs/reference/dns-autoscaling.md, made from what the settings say of themselves.

`python -m kingtide.controllers.dns_autoscaling.reference` prints it; a test tells when it is old.
"""

from __future__ import annotations

import sys

from kingtide.control.reference_page import Mark, reference_page
from kingtide.controllers.dns_autoscaling.phrases import PHRASES
from kingtide.fleet.policies.dns_autoscaling import DnsAutoscalingPolicy
from kingtide.fleet.policies.settings_table import settings_table

HEAD = """\
# Sizing CoreDNS

<!-- Made by `python -m kingtide.controllers.dns_autoscaling.reference`: change the settings' own
     texts in src/kingtide/fleet/policies, not this page. -->

Every setting of `dnsAutoscaling` in a cluster's file, and of `policies.dnsAutoscaling` in a
scenario; a cluster that does not name it leaves CoreDNS to whoever sizes it. The guide is
[Names that answer in the peak](../guides/dns.md).
"""
MARKS = (Mark("`spec.replicas`", "CoreDNS' Deployment, by its scale", "Ours to write."),)


def page() -> str:
    """Return the page's text."""
    settings = settings_table(DnsAutoscalingPolicy, [DnsAutoscalingPolicy], "", {}, {})
    return reference_page(HEAD, settings, MARKS, PHRASES)


if __name__ == "__main__":
    sys.stdout.write(page())
