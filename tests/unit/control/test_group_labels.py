"""Labels that a group's tags give to its nodes."""

from __future__ import annotations

from kingtide.control.group_labels import EKS_PREFIX, LABEL_PREFIX, labels_of


def test_tags_with_a_prefix_are_labels_without_it_and_others_are_none() -> None:
    tags = {f"{LABEL_PREFIX}disk": "ssd", f"{EKS_PREFIX}nodegroup-name": "web", "Name": "w"}
    assert labels_of(tags) == {"disk": "ssd", "nodegroup-name": "web"}


def test_a_prefix_alone_names_no_label() -> None:
    assert labels_of({LABEL_PREFIX: "x", EKS_PREFIX: "y"}) == {}
