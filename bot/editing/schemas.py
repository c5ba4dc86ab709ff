"""JSON Schema of the content files, for editors that complete and check while one types: `kasama content schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.knowledge.schema import json_schemas

FOLDER = "schema"
_SCALARS = ["string", "number", "boolean"]


def write(content: Path) -> list[Path]:
    """Write `content/schema/<folder>.json`; a file of content names its own in its first line."""
    folder = content / FOLDER
    folder.mkdir(exist_ok=True)
    written = []
    for name, schema in json_schemas().items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(_as_written(schema, name), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    return written


def _as_written(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """The form in the file: `defaults` and `sources` fill in what entries leave out, and scalars need no quotes."""
    made: dict[str, Any] = _loose(schema)
    if name != "partners":
        text = {"type": _SCALARS}
        keys = ("checked_by", "checked_on", "review_by", "state")
        made["properties"]["defaults"] = {
            "type": "object",
            "properties": dict.fromkeys(keys, text),
            "additionalProperties": False,
        }
        made["properties"]["sources"] = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Source"}}
        for part in made["$defs"].values():
            if "source" in part.get("properties", {}):
                part["properties"]["source"] = {"anyOf": [{"$ref": "#/$defs/Source"}, {"type": "string"}]}
                part["required"] = [key for key in part.get("required", ()) if key not in keys]
    return made


def _loose(part: Any) -> Any:
    if isinstance(part, list):
        return [_loose(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {key: _loose(value) for key, value in part.items()}
    if made.get("type") == "string" and "enum" not in made and "const" not in made:
        made["type"] = _SCALARS
    if made.get("type") == "array":  # a single value may stand without brackets
        return {"anyOf": [made, {"type": _SCALARS}]} if "prefixItems" not in made else made
    return made
