"""A controller's settings as a table of a reference page, beside another tool's flags.

Everything comes from the settings' own texts, which name the flag of the same purpose: `Flag:
--name.` A text may say `No flag.` instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.policies.written import written_model, written_name

_FLAG = re.compile(r"\s*Flag: (--[a-z-]+[a-z])")


def settings_table(
    policy: type[msgspec.Struct],
    policies: Iterable[type[msgspec.Struct]],
    tool: str,
    flag_defaults: Mapping[str, str],
    differences: Mapping[str, str],
    prefix: str = "",
) -> Sequence[str]:
    """Return the table's lines.

    `tool` names the column of flags, which is left out where no tool is replaced (empty).
    `policies` are the structs whose field names are told as they are written; `differences` say, by
    field, what is not as in the tool. A group of settings has no line here but a table of its own,
    with the group's name as `prefix`.
    """
    model, texts = written_model(policy), descriptions(policy)
    names = _names(policies)
    columns = ["setting", "default", *([tool] if tool else []), "what it does"]
    lines = [_row(columns), "|---" * len(columns) + "|"]
    for field in msgspec.structs.fields(policy):
        text = texts[field.name]
        flag = flag_of(text)
        described = model.model_fields[field.name].description or ""
        if isinstance(field.default, msgspec.Struct):
            continue
        default = described[len(text) :].removeprefix(" Default: ").removesuffix(".") or "none"
        theirs = "-" if flag is None else f"`{flag}` {flag_defaults[flag]}"
        said = " ".join([_without_flag(text, names), differences.get(field.name, "")]).strip()
        cells = [f"`{prefix}{written_name(field.name)}`", default, *([theirs] if tool else [])]
        lines.append(_row([*cells, said]))
    return lines


def flag_of(text: str) -> str | None:
    """Return the flag that a setting's text names, None when the tool has none."""
    found = _FLAG.search(text)
    return None if found is None else found[1]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _names(policies: Iterable[type[msgspec.Struct]]) -> re.Pattern[str]:
    """Match the names of settings; single words are words of the text as well."""
    names = [
        it.name for policy in policies for it in msgspec.structs.fields(policy) if "_" in it.name
    ]
    return re.compile(rf"\b(?:{'|'.join(names)})\b")


def _without_flag(text: str, names: re.Pattern[str]) -> str:
    """Return a setting's text without the flag, and without what only says that there is none."""
    shortened = re.sub(r"\s*Flag: --[a-z-]+[a-z]\.", "", text)
    shortened = re.sub(r"\s*No flag[^.]*\.", "", shortened)
    return names.sub(lambda found: written_name(found[0]), shortened)
