"""The instance type and market of groups that have no list of types, by template or configuration.

Also the termination hooks of groups. Both change by deployments only, and are asked for rarely.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

from kingtide.aws.autoscaling import LifecycleHook
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.described import (
    Group,
    Hook,
    LaunchConfiguration,
    TemplateReference,
    TemplateVersion,
)
from kingtide.live.aws.failures import AwsRefused
from kingtide.live.aws.reads import (
    DESCRIBE_HOOKS,
    DESCRIBE_LAUNCH_CONFIGURATIONS,
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS,
)

KEPT_SECONDS = 600.0
"""A new template's type is seen so much later, while its first instances boot for minutes."""
MAX_KEPT = 2_000

TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"

T = TypeVar("T")


class LaunchSetting(msgspec.Struct, frozen=True):
    """What a group without a list launches; `instance_type` empty where nothing tells."""

    instance_type: str = ""
    is_spot: bool = False


class LaunchSettings:
    """Settings and hooks by group, each as of the last ten minutes."""

    def __init__(self, client: AwsClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._settings: dict[str, tuple[float, LaunchSetting]] = {}
        self._hooks: dict[str, tuple[float, LifecycleHook | None]] = {}

    async def setting(self, group: Group) -> LaunchSetting:
        """Return what a group launches.

        Raises:
            AwsFailure: AWS does not answer. A template that is gone is no failure.
        """
        key = f"{group.auto_scaling_group_name} {group.launch_template}"
        known = self._fresh(self._settings, key)
        if known is None:
            known = await self._ask_setting(group)
            self._keep(self._settings, key, known)
        return known

    async def termination_hook(self, group: str) -> LifecycleHook | None:
        """Return a group's termination hook, None without one; of several the first by name.

        Raises:
            AwsFailure: AWS does not answer.
        """
        known = self._hooks.get(group)
        if known is not None and self._clock() - known[0] < KEPT_SECONDS:
            return known[1]
        try:
            answer = await self._client.call(DESCRIBE_HOOKS, AutoScalingGroupName=group)
        except AwsRefused as error:
            if error.code != "ValidationError":
                raise
            answer = {}  # the group went away between two calls
        hooks = [_hook(it) for it in answer.get("LifecycleHooks") or ()]
        named = sorted((it.name, it) for it in hooks if it is not None)
        hook = named[0][1] if named else None
        self._keep(self._hooks, group, hook)
        return hook

    def _fresh(self, kept: dict[str, tuple[float, T]], key: str) -> T | None:
        known = kept.get(key)
        if known is None or self._clock() - known[0] >= KEPT_SECONDS:
            return None
        return known[1]

    def _keep(self, kept: dict[str, tuple[float, T]], key: str, value: T) -> None:
        kept.pop(key, None)
        kept[key] = (self._clock(), value)
        while len(kept) > MAX_KEPT:
            del kept[next(iter(kept))]

    async def _ask_setting(self, group: Group) -> LaunchSetting:
        policy = group.mixed_instances_policy
        template = group.launch_template
        if policy is not None:
            template = policy.launch_template.launch_template_specification
        if template is not None:
            return await self._of_template(template)
        if group.launch_configuration_name:
            return await self._of_configuration(group.launch_configuration_name)
        return LaunchSetting()

    async def _of_template(self, template: TemplateReference) -> LaunchSetting:
        named = (
            {"LaunchTemplateId": template.launch_template_id}
            if template.launch_template_id
            else {"LaunchTemplateName": template.launch_template_name}
        )
        try:
            answer = await self._client.call(
                DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, Versions=[template.version], **named
            )
        except AwsRefused as error:
            if "NotFound" not in error.code:
                raise
            return LaunchSetting()
        for raw in answer.get("LaunchTemplateVersions") or ():
            data = _converted(raw, TemplateVersion, TemplateVersion()).launch_template_data
            is_spot = data.instance_market_options.market_type == "spot"
            return LaunchSetting(data.instance_type, is_spot)
        return LaunchSetting()

    async def _of_configuration(self, name: str) -> LaunchSetting:
        answer = await self._client.call(
            DESCRIBE_LAUNCH_CONFIGURATIONS, LaunchConfigurationNames=[name]
        )
        for raw in answer.get("LaunchConfigurations") or ():
            found = _converted(raw, LaunchConfiguration, LaunchConfiguration())
            return LaunchSetting(found.instance_type, bool(found.spot_price))
        return LaunchSetting()


def _hook(raw: object) -> LifecycleHook | None:
    try:
        hook = msgspec.convert(raw, Hook)
    except msgspec.ValidationError:
        return None
    if hook.lifecycle_transition != TERMINATING:
        return None
    return LifecycleHook(hook.lifecycle_hook_name, hook.heartbeat_timeout)


def _converted(raw: object, kind: type[T], otherwise: T) -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        return otherwise
