"""What a field is about: the text below it in its source, read when somebody asks for it.

pydantic can look for these texts itself, but does so whenever a model is made: for the hundred
models of a fleet and its rehearsals an eighth of the time that a command took to start.
Source: https://docs.pydantic.dev/2.12/api/config/ (use_attribute_docstrings).
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from pydantic import BaseModel


@lru_cache(maxsize=256)
def descriptions(kind: type) -> Mapping[str, str]:
    """Return the text below each field of a struct or model, as one line.

    A model without a class statement, made from another type, has none.
    """
    try:
        source = inspect.getsource(kind)
    except OSError:
        return {}
    tree = ast.parse(textwrap.dedent(source))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, text in pairwise(body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found


def field_text(model: type[BaseModel], name: str) -> str:
    """Return what a model's field is about, as one line; empty where nobody says.

    A description that the field brings comes before the text in the source of the class, of those
    that the model inherits from, which declares it.

    Raises:
        KeyError: the model has no such field.
    """
    brought = model.model_fields[name].description
    if brought is not None:
        return " ".join(brought.split())
    declared = next(it for it in model.__mro__ if name in inspect.get_annotations(it))
    return descriptions(declared).get(name, "")
