import subprocess
import sys

import msgspec

from kingtide.controlplane.workloads.revision import (
    POD_TEMPLATE_HASH,
    template_hash,
    with_label,
)
from kingtide.kube.pods import Container, PodSpec, PodTemplate
from kingtide.kube.resources import Resources


def template(millicores: int = 500, **labels: str) -> PodTemplate:
    container = Container("c", requests=Resources(cpu_millicores=millicores))
    return PodTemplate({"app": "api", **labels}, PodSpec((container,)))


def test_a_hash_has_the_form_of_a_pod_name() -> None:
    found = template_hash(template())
    assert 1 <= len(found) <= 10
    assert not set(found) - set("bcdfghjklmnpqrstvwxz2456789")


def test_templates_that_differ_have_other_hashes() -> None:
    hashes = {
        template_hash(template()),
        template_hash(template(501)),
        template_hash(template(version="2")),
        template_hash(msgspec.structs.replace(template(), annotations={"rollout": "1"})),
    }
    assert len(hashes) == 4


def test_the_order_of_labels_does_not_matter() -> None:
    one = PodTemplate({"a": "1", "b": "2"}, template().spec)
    other = PodTemplate({"b": "2", "a": "1"}, template().spec)
    assert template_hash(one) == template_hash(other)


def test_the_hash_itself_is_not_hashed() -> None:
    found = template_hash(template())
    assert template_hash(with_label(template(), POD_TEMPLATE_HASH, found)) == found


def test_the_hash_is_the_same_in_another_process() -> None:
    program = (
        "from tests.unit.controlplane.workloads.test_revision import template;"
        "from kingtide.controlplane.workloads.revision import template_hash;"
        "print(template_hash(template()))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == template_hash(template())
