"""How a controller's settings are written in a user's file.

Derived from the settings' own struct, never listed twice.

A field is written in camelCase. Durations lose their unit and are written as such:
`scan_interval_seconds` is `scanInterval: 10s`. Percentages likewise: `target_percent` is `target:
70%` or `0.7`. A list of one may be written as that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    create_model,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

from kingtide.fleet import fields
from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.documents.written import Written

P = TypeVar("P", bound=msgspec.Struct)

_SECONDS = "_seconds"
_PERCENT = "_percent"
_TIMES = frozenset(
    {
        "max_node_provision_seconds",
        "unneeded_seconds",
        "unready_seconds",
        "max_pod_eviction_seconds",
    }
)
"""Fields that end in `Time`, as the flags do by which users of Cluster Autoscaler know them."""


@lru_cache(maxsize=64)
def written_model(policy: type[msgspec.Struct], without: tuple[str, ...] = ()) -> type[BaseModel]:
    """Return the model of a policy's written form, every field optional.

    `without` names fields that are derived.
    """
    documented = descriptions(policy)
    hints = get_type_hints(policy, include_extras=True)
    written: dict[str, Any] = {}
    for field in msgspec.structs.fields(policy):
        if field.name in without:
            continue
        default = _shown(field.name, field.default)
        text = documented.get(field.name, "")
        description = f"{text} Default: {default}." if default else text
        written[field.name] = (
            _written_type(field.name, hints[field.name]) | None,
            Field(default=None, alias=written_name(field.name), description=description or None),
        )
    return create_model(
        f"Written{policy.__name__}", __base__=Written, __doc__=policy.__doc__, **written
    )


def written_name(field: str) -> str:
    """Return how a policy's field is written."""
    name = to_camel(field.removesuffix(_SECONDS).removesuffix(_PERCENT))
    return f"{name}Time" if field in _TIMES else name


def policy_from(policy: type[P], written: BaseModel | None, derived: Mapping[str, Any]) -> P:
    """Return the policy of its written form; fields that were not written keep their defaults."""
    values = dict(derived)
    for name in type(written).model_fields if written is not None else ():
        value = getattr(written, name)
        if value is None:
            continue
        if isinstance(value, BaseModel):
            kind = get_type_hints(policy)[name]
            value = policy_from(kind, value, {})
        elif _is_list_of_models(value):
            kind = get_args(get_type_hints(policy)[name])[0]
            value = tuple(policy_from(kind, item, {}) for item in value)
        values[name] = value
    return policy(**values)


def _is_list_of_models(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], BaseModel)


def _written_type(name: str, hint: Any) -> Any:
    """Return the type of a field's written form."""
    bounds = _bounds(hint)
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if name.endswith(_SECONDS):
        return _bounded(fields.whole_seconds, int, bounds, fields.DURATION_SCHEMA, unit="s")
    if name.endswith(_PERCENT):
        return _bounded(
            fields.percent, int, bounds, WithJsonSchema(fields.PERCENT_SCHEMA), unit="%"
        )
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return written_model(bare)
    if bare is bool:
        return fields.Switch
    if bare is int:
        return _bounded(_whole, int, bounds, _number_schema("integer", bounds))
    if bare is float:
        return _bounded(_number, float, bounds, _number_schema("number", bounds))
    item = get_args(bare)[0] if get_origin(bare) is tuple else None
    if isinstance(item, type) and issubclass(item, msgspec.Struct):
        return tuple[written_model(item), ...]  # type: ignore[misc]  # made from the struct
    if get_origin(bare) is tuple:
        return Annotated[bare, BeforeValidator(_as_list), _OneOrMany()]
    if bare is str or get_origin(bare) in (Literal, Union, UnionType):
        return bare
    raise TypeError(f"no written form for the field {name} of type {hint}")


def _bounds(hint: Any) -> tuple[float | None, float | None]:
    for extra in get_args(hint)[1:] if get_origin(hint) is Annotated else ():
        if isinstance(extra, msgspec.Meta):
            return extra.ge, extra.le
    return None, None


class _OneOrMany:
    """Says in the JSON Schema that a list of one may be written as that one."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        many = handler(core_schema)
        return {"anyOf": [many["items"], many]} if "items" in many else many


def _number_schema(kind: str, bounds: tuple[float | None, float | None]) -> WithJsonSchema:
    lowest, highest = bounds
    limits = {"minimum": lowest, "maximum": highest}
    return WithJsonSchema({"type": kind, **{k: v for k, v in limits.items() if v is not None}})


def _bounded(
    parse: Any,
    kind: type,
    bounds: tuple[float | None, float | None],
    schema: WithJsonSchema,
    *,
    unit: str = "",
) -> Any:
    lowest, highest = bounds

    def checked(value: object) -> Any:
        found = parse(value)
        if lowest is not None and found < lowest:
            if lowest == 0:
                raise ValueError(f"{value} is negative; write 0 or more")
            raise ValueError(f"{value} is below {lowest}{unit}; write {lowest}{unit} or more")
        if highest is not None and found > highest:
            if unit == "%" and isinstance(value, int | Decimal):
                # Whoever writes 10 means 10 %, and it must not be for them to find out why not.
                raise ValueError(
                    f"{value} means {found:,} %, which is above {highest}%;"
                    f" write {value}% or {value / 100}"
                )
            raise ValueError(f"{value} is above {highest}{unit}; write {highest}{unit} or less")
        return found

    return Annotated[kind, BeforeValidator(checked), schema]


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number; write for example 3")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise ValueError(f"{value!r} is not a number; write for example 0.5")
    return float(value)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _shown(name: str, default: object) -> str:
    """Return a default as it would be written, empty where there is nothing to show."""
    if default is msgspec.NODEFAULT or isinstance(default, msgspec.Struct):
        return ""
    if isinstance(default, tuple):
        return ", ".join(str(item) for item in default) or "none"
    unit = "s" if name.endswith(_SECONDS) else "%" if name.endswith(_PERCENT) else ""
    return str(default).lower() if isinstance(default, bool) else f"{default}{unit}"
