"""EndpointSlices of Services that were written through the API: whom their selectors select.

Nothing is looked at while nobody asked for a Service. Source: staging/src/k8s.io/endpointslice of
https://github.com/kubernetes/kubernetes/tree/v1.36.0 (reconciler.go, utils.go), and
https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b

from kingtide.kube.pods import Pod
from kingtide.twin.apiserver.entries import Body, Entry, Key
from kingtide.twin.apiserver.history import Change
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.services import ServiceSpec, read_service_spec
from kingtide.twin.apiserver.shown.pods import pod_address

MAX_ENDPOINTS = 100
"""Of a slice (--max-endpoints-per-slice's default of kube-controller-manager)."""
MANAGED_BY = "endpointslice-controller.k8s.io"
SERVICE_NAME = "kubernetes.io/service-name"
_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_HEADLESS = "service.kubernetes.io/headless"

Ports = tuple[tuple[str, int, str, str], ...]
"""Name, number, protocol and appProtocol of each; those of no port are left out."""


class _Slice:
    """Pods behind the same ports; `is_due`: it is to be written."""

    def __init__(self, name: str, ports: Ports) -> None:
        self.name = name
        self.ports = ports
        self.pods: dict[Key, Entry] = {}
        self.is_due = True


class _Service:
    """A Service that selects pods, with its slices."""

    def __init__(self, entry: Entry, spec: ServiceSpec, selector: Mapping[str, str]) -> None:
        self.entry = entry
        self.spec = spec
        self.selector = selector
        self.slices = [_Slice(self._name(0), ())]
        self.slice_of: dict[Key, _Slice] = {}

    def selects(self, pod: Entry | None) -> bool:
        """Return whether a pod is one that it selects, and has an address that answers."""
        if pod is None or not pod_address(pod.value) or pod.value.is_terminal:
            return False
        labels = pod.labels
        return all(labels.get(name) == value for name, value in self.selector.items())

    def take(self, before: Entry | None, after: Entry | None) -> bool:
        """Note what became of a pod; return whether a slice is to be written because of it."""
        pod = after if self.selects(after) else None
        key = after.key if after is not None else before.key if before is not None else ("", "")
        found = self.slice_of.get(key)
        if pod is None:
            if found is not None:
                del self.slice_of[key], found.pods[key]
                found.is_due = True
            return found is not None
        if found is not None and _endpoint_of(found.pods[key]) == _endpoint_of(pod):
            found.pods[key] = pod
            return False
        if found is None:
            found = self.slice_of[key] = self._with_room(self._ports(pod))
        found.pods[key] = pod
        found.is_due = True
        return True

    def _with_room(self, ports: Ports) -> _Slice:
        """Return a slice of these ports with room for one more; an empty one takes any ports."""
        for it in self.slices:
            if not it.pods:
                it.ports = ports
            if it.ports == ports and len(it.pods) < MAX_ENDPOINTS:
                return it
        self.slices.append(_Slice(self._name(len(self.slices)), ports))
        return self.slices[-1]

    def _name(self, number: int) -> str:
        digest = blake2b(f"{self.entry.uid}/{number}".encode(), digest_size=3).hexdigest()
        return f"{self.entry.name}-{digest}"

    def _ports(self, pod: Entry) -> Ports:
        """Return the ports behind which a pod serves; one that it has no port of is left out."""
        named: dict[str, int] | None = None
        found = []
        for it in self.spec.ports or ():
            target = it.target_port or it.port
            if isinstance(target, str) and not target.isdecimal():
                named = dict(_named_ports(pod)) if named is None else named
                if target not in named:
                    continue
                target = named[target]
            protocol, application = it.protocol or "TCP", it.app_protocol or ""
            found.append((it.name or "", int(target), protocol, application))
        return tuple(found)

    def body(self, it: _Slice, zones: Mapping[str, str]) -> Body:
        """Return a slice as the API has it."""
        labels = dict(self.entry.labels) | {SERVICE_NAME: self.entry.name, _MANAGED_BY: MANAGED_BY}
        if self.spec.cluster_ip == "None":
            labels[_HEADLESS] = ""
        owner = {
            "apiVersion": "v1",
            "kind": "Service",
            "name": self.entry.name,
            "uid": self.entry.uid,
            "controller": True,
            "blockOwnerDeletion": True,
        }
        metadata = {
            "name": it.name,
            "namespace": self.entry.namespace,
            "labels": labels,
            "ownerReferences": [owner],
        }
        answers = bool(self.spec.publish_not_ready_addresses)
        endpoints = [_endpoint(pod, zones, answers=answers) for pod in it.pods.values()]
        ports = [_port(*port) for port in it.ports]
        address_type = {"addressType": "IPv4", "endpoints": endpoints, "ports": ports}
        return {"metadata": metadata} | address_type


class EndpointSlices:
    """Writes the slices of every Service with a selector; `settle` writes what is due."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._resource = next(it for it in objects.resources if it.kind == "EndpointSlice")
        self._services: dict[str, dict[str, _Service]] = {}
        """By namespace and name; no namespace without one."""
        self._due: dict[Key, None] = {}
        self._gone: list[_Service] = []
        objects.listen(self._on_change)

    def settle(self) -> None:
        """Write every slice that is due; take away those without a Service, or without pods."""
        gone, self._gone = self._gone, []
        for service in gone:
            now = self._services.get(service.entry.namespace, {}).get(service.entry.name)
            names = () if now is None else {it.name for it in now.slices}
            for it in service.slices:
                if it.name not in names:
                    self._remove(service.entry.namespace, it.name)
        due, self._due = self._due, {}
        for namespace, name in due:
            found = self._services.get(namespace, {}).get(name)
            if found is not None:
                self._write_due(found)

    # ------------------------------------------------------------ inside

    def _on_change(self, resource: Resource, change: Change) -> None:
        before, after = change.before, change.after
        if resource.kind == "Pod":
            if self._services:
                entry = after or before
                assert entry is not None
                for service in self._services.get(entry.namespace, {}).values():
                    if service.take(before, after):
                        self._due[service.entry.key] = None
        elif resource.kind == "Service":
            self._take_service(before, after)
        elif resource.kind == "EndpointSlice" and after is None and before is not None:
            self._missed(before)

    def _take_service(self, before: Entry | None, after: Entry | None) -> None:
        entry = after or before
        assert entry is not None
        there = self._services.setdefault(entry.namespace, {})
        old = there.pop(entry.name, None)
        if old is not None:
            self._gone.append(old)
        spec = ServiceSpec() if after is None else read_service_spec(after.body())
        if after is not None and spec.selector and spec.type != "ExternalName":
            new = there[after.name] = _Service(after, spec, spec.selector)
            self._due[after.key] = None
            for pod in self._objects.entries("Pod"):
                if pod.namespace == after.namespace:
                    new.take(None, pod)
        if not there:
            del self._services[entry.namespace]

    def _missed(self, slice_: Entry) -> None:
        """Have a slice written again that somebody else deleted."""
        service = self._services.get(slice_.namespace, {}).get(slice_.labels.get(SERVICE_NAME, ""))
        if service is not None:
            self._due[service.entry.key] = None
            for it in service.slices:
                it.is_due = it.is_due or it.name == slice_.name

    def _write_due(self, service: _Service) -> None:
        for number, it in enumerate(service.slices):
            if it.is_due and (it.pods or number == 0):
                self._write(service, it)
            elif it.is_due:
                self._remove(service.entry.namespace, it.name)
            it.is_due = False

    def _write(self, service: _Service, it: _Slice) -> None:
        namespace = service.entry.namespace
        body = service.body(it, {name: self._zone(name) for name in _nodes(it)})
        before = self._objects.table(self._resource).entries.get((namespace, it.name))
        if before is not None:
            metadata = before.body()["metadata"]
            kept = {name: metadata[name] for name in _KEPT if name in metadata}
            body["metadata"] |= kept
        self._objects.put(self._resource, body)

    def _remove(self, namespace: str, name: str) -> None:
        found = self._objects.table(self._resource).entries.get((namespace, name))
        if found is not None:
            self._objects.remove(found)

    def _zone(self, name: str) -> str:
        node = self._objects.get("Node", "", name)
        return "" if node is None else node.value.zone


_KEPT = ("uid", "creationTimestamp")


def _endpoint_of(pod: Entry) -> tuple[str, str, bool, bool]:
    """Return what an endpoint says of a pod."""
    it: Pod = pod.value
    return it.uid, it.node_name, it.is_ready, it.deletion_ms is not None


def _endpoint(pod: Entry, zones: Mapping[str, str], *, answers: bool) -> Body:
    it: Pod = pod.value
    is_ending = it.deletion_ms is not None
    is_ready = answers or (it.is_ready and not is_ending)
    found: Body = {
        "addresses": [pod_address(it)],
        "conditions": {"ready": is_ready, "serving": it.is_ready, "terminating": is_ending},
        "targetRef": {
            "kind": "Pod",
            "namespace": it.namespace,
            "name": it.name,
            "uid": pod.uid,
        },
        "nodeName": it.node_name,
    }
    zone = zones.get(it.node_name)
    return found | {"zone": zone} if zone else found


def _port(name: str, number: int, protocol: str, application: str) -> Body:
    found: Body = {"name": name, "port": number, "protocol": protocol}
    return found | {"appProtocol": application} if application else found


def _named_ports(pod: Entry) -> Iterator[tuple[str, int]]:
    for container in pod.body()["spec"].get("containers") or ():
        for port in container.get("ports") or ():
            if port.get("name"):
                yield port["name"], port["containerPort"]


def _nodes(it: _Slice) -> list[str]:
    return list(dict.fromkeys(pod.value.node_name for pod in it.pods.values()))
