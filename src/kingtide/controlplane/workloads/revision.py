"""What tells one revision of a pod template from another: pod-template-hash.

Kubernetes hashes a dump of Go values, which nobody else can write; here the template's JSON with
sorted keys takes its place. So values differ from a real cluster's, their form and use do not.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/controller_utils.go,
ComputeHash; FNV-1a: RFC 9923.
"""

from __future__ import annotations

import msgspec

from kingtide.kube.pods import PodTemplate

POD_TEMPLATE_HASH = "pod-template-hash"
CONTROLLER_REVISION_HASH = "controller-revision-hash"

_ENCODER = msgspec.json.Encoder(order="sorted")
_FNV_OFFSET_32 = 0x811C9DC5
_FNV_PRIME_32 = 0x01000193
# Letters and digits that make no words: k8s.io/apimachinery/pkg/util/rand, v0.36.
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


def template_hash(template: PodTemplate) -> str:
    """Return up to ten letters and digits that stand for a template; its own hash is left out."""
    labels = {
        key: value
        for key, value in template.labels.items()
        if key not in (POD_TEMPLATE_HASH, CONTROLLER_REVISION_HASH)
    }
    told: dict[str, object] = {
        "annotations": template.annotations,
        "labels": labels,
        "spec": template.spec,
    }
    if template.beside:
        told["beside"] = template.beside
    digest = _FNV_OFFSET_32
    for byte in _ENCODER.encode(told):
        digest = ((digest ^ byte) * _FNV_PRIME_32) & 0xFFFFFFFF
    return "".join(_SAFE[ord(digit) % len(_SAFE)] for digit in str(digest))


def with_label(template: PodTemplate, key: str, value: str) -> PodTemplate:
    """Return a template whose pods carry one more label."""
    return msgspec.structs.replace(template, labels={**template.labels, key: value})
