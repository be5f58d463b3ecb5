"""Which model describes the map at a path of a document.

For advice about unknown fields and for `--set`.
"""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from kingtide.fleet.documents.tree import Path


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the model of the map at a path, None when the value there is described by no model."""
    annotation = annotation_at(model, path)
    return annotation if _is_model(annotation) else None


def annotation_at(model: type[BaseModel], path: Path) -> Any:
    """Return the type that a path's value is read as, without `Annotated` and `None`.

    None for an unknown path.
    """
    annotation: Any = model
    for step in path:
        annotation = _below(annotation, step)
        if annotation is None:
            return None
    return annotation


def _below(annotation: Any, step: str | int) -> Any:
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            if (field.alias or name) == step:
                return _bare(field.annotation)
        return None
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict and len(arguments) == 2 and isinstance(step, str):
        return _bare(arguments[1])
    if origin in (list, tuple) and arguments and isinstance(step, int):
        return _bare(arguments[min(step, len(arguments) - 1)] if origin is tuple else arguments[0])
    return None


def _bare(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _bare(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        kinds = [a for a in get_args(annotation) if a is not type(None)]
        return _bare(kinds[0]) if len(kinds) == 1 else annotation
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
