"""DescribeInstanceTypes: sizes of types that the built-in table lacks, asked for once.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeInfo.html
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kingtide.aws.instance_types import INSTANCE_TYPES, InstanceType, UnknownInstanceType
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.failures import AwsRefused
from kingtide.live.aws.reads import DESCRIBE_INSTANCE_TYPES

NAMES_A_CALL = 100
MAX_KEPT = 2_000
"""EC2 has about a thousand types."""


class _Cpus(msgspec.Struct, frozen=True, rename="pascal"):
    default_v_cpus: int = msgspec.field(name="DefaultVCpus")


class _Memory(msgspec.Struct, frozen=True, rename="pascal"):
    size_in_mib: int = msgspec.field(name="SizeInMiB")


class _Processor(msgspec.Struct, frozen=True, rename="pascal"):
    supported_architectures: tuple[str, ...] = ()


class _Network(msgspec.Struct, frozen=True, rename="pascal"):
    maximum_network_interfaces: int = 1
    ipv4_addresses_per_interface: int = 2


class _Type(msgspec.Struct, frozen=True, rename="pascal"):
    instance_type: str
    v_cpu_info: _Cpus
    memory_info: _Memory
    processor_info: _Processor = _Processor()
    network_info: _Network = _Network()


class InstanceTypes:
    """Types by name: the built-in table first, then what EC2 told."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client
        self._told: dict[str, InstanceType] = {}
        self._unknown: dict[str, None] = {}

    def of(self, name: str) -> InstanceType:
        """Return a type.

        Raises:
            UnknownInstanceType: neither the table nor EC2 has told of it.
        """
        found = INSTANCE_TYPES.get(name) or self._told.get(name)
        if found is None:
            raise UnknownInstanceType(name)
        return found

    async def learn(self, names: Iterable[str]) -> None:
        """Ask EC2 for types of which nothing is known; one that does not exist is asked for once.

        Raises:
            AwsFailure: EC2 does not answer.
        """
        known = (INSTANCE_TYPES, self._told, self._unknown)
        asked = [it for it in dict.fromkeys(names) if not any(it in of for of in known)]
        asked = asked[: MAX_KEPT - len(self._told) - len(self._unknown)]
        for start in range(0, len(asked), NAMES_A_CALL):
            await self._ask(asked[start : start + NAMES_A_CALL])

    async def _ask(self, names: list[str]) -> None:
        try:
            raws = await self._client.pages(
                DESCRIBE_INSTANCE_TYPES, "InstanceTypes", InstanceTypes=names
            )
        except AwsRefused as error:
            if error.code != "InvalidInstanceType":
                raise
            if len(names) > 1:  # one of them spoils all: ask one by one
                for name in names:
                    await self._ask([name])
                return
            raws = []
        for raw in raws:
            found = _read(raw)
            if found is not None:
                self._told[found.name] = found
        self._unknown.update({it: None for it in names if it not in self._told})


def _read(raw: object) -> InstanceType | None:
    try:
        it = msgspec.convert(raw, _Type)
    except msgspec.ValidationError:
        return None
    network = it.network_info
    return InstanceType(
        name=it.instance_type,
        vcpus=it.v_cpu_info.default_v_cpus,
        memory_mib=it.memory_info.size_in_mib,
        # https://github.com/aws/amazon-vpc-cni-k8s/blob/master/misc/eni-max-pods.txt
        max_pods=network.maximum_network_interfaces * (network.ipv4_addresses_per_interface - 1)
        + 2,
        arch="arm64" if "arm64" in it.processor_info.supported_architectures else "amd64",
        on_demand_micro_usd_per_hour={},
        spot={},
    )
