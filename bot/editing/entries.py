"""Changes one entry of a YAML file of `content/` and leaves every other byte, comment and order of the file as it is."""

from __future__ import annotations

from copy import deepcopy
from io import StringIO
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from bot.knowledge.yamlfile import BrokenFile, parse

PARTS = ("facts", "contacts", "sources")


class EntryError(Exception):
    """The entry cannot be changed here; the text says why."""


class _Texts(VersionedResolver):
    """Every scalar is the text of the file, as in `bot.knowledge.yamlfile`: `0800` stays `0800`, and is not put in quotes."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is ScalarNode and implicit[0]:
            return _NOTHING if value in ("", "~", "null") else self.DEFAULT_SCALAR_TAG
        return super().resolve(kind, value, implicit)


_NOTHING = Tag(suffix="tag:yaml.org,2002:null")


def entry(data: Any, part: str, name: str) -> dict[str, Any]:
    """An entry of a file as it stands, by the id or short name. Raises `KeyError`."""
    entries = data.get(part) if isinstance(data, dict) else None
    if isinstance(entries, dict):
        found = entries[name]
    else:
        found = next((e for e in entries or () if isinstance(e, dict) and e.get("id") == name), None)
    if not isinstance(found, dict) or part not in PARTS:
        raise KeyError(name)
    return found


def replaced(text: str, part: str, name: str, new: dict[str, Any]) -> str:
    """The file's text with an entry changed to `new`. Raises `EntryError`, `KeyError`.

    text: with line breaks of one character. new: texts, lists and mappings; a key that it lacks is removed.
    """
    data = parse(text, "the file").data
    old = entry(data, part, name)
    lines = text.split("\n")
    start, end, indent = _place(text, lines, part, name)
    chunk = "\n".join(line.removeprefix(indent) for line in lines[start:end])
    tool = _tool()
    try:
        tree = tool.load(chunk)
        node = tree[0] if part != "sources" else tree[name]
        _merge(node, new, old)
        out = StringIO()
        tool.dump(tree, out)
    except (YAMLError, KeyError, IndexError, TypeError) as error:
        raise EntryError(f"{name} is written in a way that only a text editor can change") from error
    block = [indent + line if line else line for line in out.getvalue().rstrip("\n").split("\n")]
    changed = "\n".join([*lines[:start], *block, *lines[end:]])
    _nothing_else(data, changed, part, name, new)
    return changed


def _tool() -> YAML:
    tool = YAML()
    tool.Resolver = _Texts
    tool.preserve_quotes = True
    tool.width = 100_000
    tool.indent(mapping=2, sequence=2, offset=0)
    return tool


def _place(text: str, lines: list[str], part: str, name: str) -> tuple[int, int, str]:
    """First line, the line after the last one, and the blanks before the entry."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in root.value:
        if key.value != part:
            continue
        for item in value.value:
            here, node = item if isinstance(item, tuple) else (item, item)
            named = here.value if here is not node else _id(node)
            line = lines[here.start_mark.line]
            if named != name:
                continue
            own = line.lstrip(" ")
            if not (own.startswith("- ") if here is node else own.startswith((name, f'"{name}"', f"'{name}'"))):
                raise EntryError(f"{name} shares its line with something else; change it in the file")
            return here.start_mark.line, _last_line(node) + 1, line[: len(line) - len(own)]
    raise KeyError(name)


def _id(node: Any) -> str | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value.value for key, value in pairs if key.value == "id"), None)


def _last_line(node: Any) -> int:
    """The last line that the node itself stands on; marks of blocks point behind the comments that follow."""
    flow = getattr(node, "flow_style", None)
    if isinstance(node, yaml.ScalarNode) or flow or not node.value:
        mark = node.end_mark
        return int(mark.line - (mark.column == 0 and mark.line > node.start_mark.line))
    last = node.value[-1]
    return max(map(_last_line, last)) if isinstance(last, tuple) else _last_line(last)


def _merge(node: CommentedMap, new: dict[str, Any], old: dict[str, Any]) -> None:
    for key in [key for key in node if key not in new]:
        del node[key]
    for key, value in new.items():
        before, raw = node.get(key), old.get(key)
        if _same(raw, value):
            continue
        if isinstance(before, CommentedMap) and isinstance(value, dict) and isinstance(raw, dict):
            _merge(before, value, raw)
        elif isinstance(before, CommentedSeq) and isinstance(value, list) and isinstance(raw, list):
            _merge_list(before, value, raw)
        else:
            node[key] = _made(value)


def _merge_list(node: CommentedSeq, new: list[Any], old: list[Any]) -> None:
    for number, value in enumerate(new):
        if number >= len(node):
            node.append(_made(value))
        elif isinstance(value, dict) and isinstance(node[number], CommentedMap):
            _merge(node[number], value, old[number])
        elif not _same(old[number], value):
            node[number] = _made(value)
    for number in range(len(node) - 1, len(new) - 1, -1):
        del node[number]


def _same(old: Any, new: Any) -> bool:
    """Whether a form brought back what it showed: it folds line breaks, and shows one value as a list of one."""
    if isinstance(old, str) and isinstance(new, str):
        return old.split() == new.split()
    if isinstance(old, str) and isinstance(new, list):
        return [old] == new
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new)


def _made(value: Any) -> Any:
    """New parts are written on one line, as in the files around them."""
    if isinstance(value, dict):
        made: Any = CommentedMap((key, _made(one)) for key, one in value.items())
    elif isinstance(value, list):
        made = CommentedSeq(map(_made, value))
    else:
        return " ".join(value.split()) if isinstance(value, str) else value
    made.fa.set_flow_style()
    return made


def _nothing_else(before: Any, text: str, part: str, name: str, new: dict[str, Any]) -> None:
    """Read the new text as the service will, and see that the entry is what was asked for and all else is as it was."""
    try:
        after = parse(text, "the file").data
        now_there = entry(after, part, name)
    except (BrokenFile, KeyError) as error:
        raise EntryError(f"{name} is written in a way that only a text editor can change") from error
    rest = deepcopy(before)
    one, other = entry(rest, part, name), dict(now_there)
    fits = set(other) == set(new) and all(_same(other[key], new[key]) or _like(other[key], new[key]) for key in new)
    one.clear()
    now_there.clear()
    if not fits or rest != after:
        raise EntryError(f"{name} is written in a way that only a text editor can change")


def _like(old: Any, new: Any) -> bool:
    """Like `_same`, whatever the order of keys."""
    if isinstance(old, dict) and isinstance(new, dict):
        return set(old) == set(new) and all(_like(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_like, old, new))
    return _same(old, new)
