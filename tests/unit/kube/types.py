"""A few types of the API with their rules, for tests of what merges how."""

from __future__ import annotations

from kingtide.kube.patching.rules import ATOMIC_TYPES, RULES
from kingtide.kube.patching.schema import Schema

SCALAR = Schema("scalar")


def struct(name: str, /, **fields: Schema) -> Schema:
    """Return a type with its fields and Kubernetes' rules for them."""
    made = Schema(name, is_atomic=name in ATOMIC_TYPES)
    made.fields = fields
    made.rules = RULES.get(name, {})
    return made


def each(schema: Schema) -> Schema:
    """Return a list or a map of a type."""
    holder = Schema()
    holder.each = schema
    return holder


METADATA = struct(
    "ObjectMeta",
    name=SCALAR,
    labels=each(SCALAR),
    annotations=each(SCALAR),
    finalizers=each(SCALAR),
    managedFields=each(SCALAR),
    resourceVersion=SCALAR,
)
PORT = struct("ContainerPort", containerPort=SCALAR, protocol=SCALAR, name=SCALAR)
ENV = struct("EnvVar", name=SCALAR, value=SCALAR)
RESOURCES = struct("ResourceRequirements", requests=each(SCALAR), limits=each(SCALAR))
CONTAINER = struct(
    "Container",
    name=SCALAR,
    image=SCALAR,
    args=each(SCALAR),
    ports=each(PORT),
    env=each(ENV),
    resources=RESOURCES,
)
TOLERATION = struct("Toleration", key=SCALAR, operator=SCALAR)
VOLUME = struct(
    "Volume",
    name=SCALAR,
    emptyDir=struct("EmptyDir", medium=SCALAR),
    secret=struct("Secret_", secretName=SCALAR),
)
POD_SPEC = struct(
    "PodSpec",
    containers=each(CONTAINER),
    tolerations=each(TOLERATION),
    nodeSelector=each(SCALAR),
    volumes=each(VOLUME),
)
SELECTOR = struct("LabelSelector", matchLabels=each(SCALAR))
STRATEGY = struct(
    "DeploymentStrategy", type=SCALAR, rollingUpdate=struct("RollingUpdate", maxSurge=SCALAR)
)
DEPLOYMENT = struct(
    "Deployment",
    apiVersion=SCALAR,
    kind=SCALAR,
    metadata=METADATA,
    spec=struct(
        "DeploymentSpec",
        replicas=SCALAR,
        selector=SELECTOR,
        strategy=STRATEGY,
        template=struct("PodTemplateSpec", metadata=METADATA, spec=POD_SPEC),
    ),
    status=struct("DeploymentStatus", conditions=each(struct("DeploymentCondition", type=SCALAR))),
)
