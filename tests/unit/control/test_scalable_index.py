"""What a timetable may scale, as the observed index keeps it."""

import msgspec

from kingtide.control.index import ClusterIndex, WatchedObject
from kingtide.control.scalable_index import FORCE_UPTIME
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.jobs import CronJob, Job, JobSpec
from kingtide.kube.labels import LabelSelector
from kingtide.kube.namespaces import Namespace
from kingtide.kube.pods import Container, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.scalables import Scalable
from kingtide.kube.workloads import DaemonSet, Deployment, PodDisruptionBudget, StatefulSet

SPEC = PodSpec((Container("c"),), node_selector=(("disk", "ssd"),))
TEMPLATE = PodTemplate({"app": "a"}, SPEC)
ANY = LabelSelector()
WEB = Deployment("shop", "web", "w", 3, TEMPLATE, ANY, created_ms=5, annotations={"a": "1"})


def test_every_kind_of_the_cluster_is_there_with_the_field_that_scales_it() -> None:
    index = ClusterIndex()
    objects: list[WatchedObject] = [
        WEB,
        StatefulSet("shop", "db", "s", 2, TEMPLATE, ANY, labels={"tier": "data"}),
        DaemonSet("shop", "logs", "d", TEMPLATE, ANY),
        CronJob("shop", "night", "c", "@daily", JobSpec(TEMPLATE, suspend=False), suspend=True),
        Job("shop", "once", "j", JobSpec(TEMPLATE)),
        HorizontalPodAutoscaler("shop", "web", "h", "Deployment", "web", 9, 4),
        PodDisruptionBudget("shop", "web", ANY, min_available="50%", uid="b"),
        Scalable("Rollout", "shop", "blue", size=7),
    ]
    for it in objects:
        index.apply(None, it)
    assert list(index.scalables.values()) == [
        Scalable("Deployment", "shop", "web", "w", 5, annotations={"a": "1"}, size=3),
        Scalable("StatefulSet", "shop", "db", "s", 0, labels={"tier": "data"}, size=2),
        Scalable("DaemonSet", "shop", "logs", "d", 0, node_selector=(("disk", "ssd"),)),
        Scalable("CronJob", "shop", "night", "c", 0, suspended=True),
        Scalable("Job", "shop", "once", "j", 0, suspended=False),
        Scalable(
            "HorizontalPodAutoscaler", "shop", "web", "h", 0,
            size=4, max_size=9, target_kind="Deployment", target_name="web",
        ),
        Scalable("PodDisruptionBudget", "shop", "web", "b", 0, min_available="50%"),
        Scalable("Rollout", "shop", "blue", size=7),
    ]  # fmt: skip
    assert next(iter(index.scalables)) == "Deployment/shop/web"


def test_a_job_that_a_cron_job_owns_is_its_owners_to_scale() -> None:
    index = ClusterIndex()
    owner = OwnerReference("CronJob", "night", "c", "batch/v1")
    index.apply(None, Job("shop", "night-1", "j", JobSpec(TEMPLATE), owner))
    assert not index.scalables


def test_only_changes_of_what_a_timetable_reads_are_changes() -> None:
    index = ClusterIndex()
    index.apply(None, WEB)
    names, cursor = index.scalables_touched_since(0)
    assert names == ["Deployment/shop/web"]
    index.apply(WEB, msgspec.structs.replace(WEB, ready_replicas=3, resource_version=9))
    assert index.scalables_touched_since(cursor) == ([], cursor)
    index.apply(WEB, msgspec.structs.replace(WEB, replicas=0))
    assert index.scalables_touched_since(cursor)[0] == ["Deployment/shop/web"]
    assert index.scalables["Deployment/shop/web"].size == 0


def test_what_is_removed_is_told_once() -> None:
    index = ClusterIndex()
    index.apply(None, WEB)
    _, cursor = index.scalables_touched_since(0)
    index.apply(WEB, None)
    index.apply(WEB, None)
    assert not index.scalables
    names, after = index.scalables_touched_since(cursor)
    assert (names, after) == (["Deployment/shop/web"], cursor + 1)


def test_a_namespace_changes_with_its_annotations_only() -> None:
    index = ClusterIndex()
    shop = Namespace("shop", annotations={"downscaler/uptime": "always"})
    index.apply(None, shop)
    _, cursor = index.scalables_touched_since(0)
    index.apply(shop, msgspec.structs.replace(shop, labels={"team": "a"}))
    assert index.scalables_touched_since(cursor) == ([], cursor)
    assert index.namespaces["shop"].labels == {"team": "a"}
    index.apply(shop, msgspec.structs.replace(shop, annotations={}))
    assert index.scalables_touched_since(cursor)[0] == ["Namespace/shop"]


def test_pods_that_keep_everything_up_are_known_while_they_bear_the_annotation() -> None:
    index = ClusterIndex()
    plain = Pod("shop", "p", "p", SPEC, {}, 0)
    forcing = msgspec.structs.replace(plain, uid="f", annotations={FORCE_UPTIME: "true"})
    index.apply(None, plain)
    index.apply(None, forcing)
    assert list(index.forcing_pods) == ["f"]
    _, cursor = index.scalables_touched_since(0)
    index.apply(forcing, msgspec.structs.replace(forcing, node_name="n"))
    assert index.scalables_touched_since(cursor) == ([], cursor)
    index.apply(forcing, msgspec.structs.replace(forcing, phase="Succeeded"))
    assert index.scalables_touched_since(cursor)[0] == ["Pod/f"]
    index.apply(forcing, msgspec.structs.replace(forcing, annotations={}))
    assert not index.forcing_pods
    index.apply(msgspec.structs.replace(forcing, annotations={}), None)
    _, cursor = index.scalables_touched_since(0)
    index.apply(None, forcing)
    index.apply(forcing, None)
    assert index.scalables_touched_since(cursor) == (["Pod/f"], cursor + 2)
    index.apply(forcing, None)
    assert index.scalables_touched_since(cursor + 2) == ([], cursor + 2)
