"""Reads one YAML file into plain data in which every scalar is still the text of the file, with the line of every part.

Kept as text, `0 800 77777`, `1348`, `no` and `2024-10` cannot turn into a number, a truth value or a day on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Path_ = tuple[str | int, ...]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in content, in plain words with the remedy. level: `error` keeps a file out of service,
    `warning` does not."""

    file: str
    line: int
    message: str
    level: str = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" + (" (warning)" if self.level == "warning" else "")


class BrokenFile(Exception):
    """The file is not readable as YAML; `problem` says where and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(slots=True)
class Document:
    """data: dictionaries, lists, text and None. lines: path of keys and indexes -> line, from 1."""

    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, where: Path_) -> int:
        """The line of a part, or of the nearest part around it; steps that are not in the file are passed over."""
        at: Path_ = ()
        for step in where:
            if (*at, step) in self.lines:
                at = (*at, step)
        return self.lines.get(at, 1)


def read(path: Path, shown: str) -> Document:
    """Read a file. shown: its name in messages. Raises `BrokenFile`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BrokenFile(
            Problem(shown, line, "this line is not UTF-8 text; save the file as UTF-8 in your editor")
        ) from None
    except OSError as error:
        raise BrokenFile(
            Problem(shown, 1, f"cannot be read ({error.strerror}); check the file's permissions")
        ) from None
    return parse(text, shown)


def parse(text: str, shown: str) -> Document:
    """Like `read`, from text."""
    if "\t" in text:
        for number, row in enumerate(text.splitlines(), 1):
            if row[: len(row) - len(row.lstrip())].count("\t"):
                raise BrokenFile(
                    Problem(
                        shown,
                        number,
                        "the line begins with a tab; YAML wants blanks there, so replace the tab by blanks",
                    )
                )
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if error.context_mark and ("quoted" in (error.context or "") or "flow" in (error.context or "")):
            line = error.context_mark.line + 1  # where the quote or bracket was opened, not the end of the file
        raise BrokenFile(Problem(shown, line, f"is not valid YAML: {_plain(error.problem or '')}")) from None
    except yaml.YAMLError as error:
        line = text[: getattr(error, "position", 0) or 0].count("\n") + 1
        raise BrokenFile(
            Problem(shown, line, "holds a character that YAML does not allow; type the line anew")
        ) from None
    document = Document(None)
    if node is None:
        raise BrokenFile(Problem(shown, 1, "is empty; delete it, or copy another file of this folder and change it"))
    document.data = _data(node, (), document.lines, shown)
    return document


def _data(node: Any, at: Path_, lines: dict[Path_, int], shown: str) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            line = key.start_mark.line + 1
            if name in result:
                raise BrokenFile(Problem(shown, line, f"'{name}' stands here for the second time; keep one of the two"))
            lines[(*at, name)] = line
            result[name] = _data(value, (*at, name), lines, shown)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_data(value, (*at, index), lines, shown) for index, value in enumerate(node.value)]
    if node.style is None and node.value in ("", "~", "null"):
        return None
    return node.value


def _plain(problem: str) -> str:
    hints = (
        ("mapping values are not allowed", "there is a colon inside a text; put the whole text in quotes"),
        ("could not find expected ':'", "a key without a colon; write `key: value`"),
        ("did not find expected key", "the indentation does not fit the lines above, or a quote is missing; line the keys up"),
        ("found character", "a text begins with a character that needs quotes (@, %, ` or a tab); put the text in quotes"),
        ("while scanning a quoted", "a quote is opened and never closed; add the missing quote"),
        ("found unexpected end of stream", "a quote or bracket is opened and never closed; add the missing one"),
        ("did not find expected ',' or", "a list or {…} is not closed, or a comma is missing; add it"),
        ("found undefined alias", "a name after * that is not defined with & above; check the spelling"),
        ("did not find expected '-' indicator", "the indentation of a list does not fit; line the dashes up"),
    )  # fmt: skip
    for part, hint in hints:
        if part in problem:
            return hint
    return f"{problem}; compare with the lines above and with another file of this folder"
