"""Reads `content/safety/<language>.yml`: what women write in danger, and what only sounds like it.

The files are written by people who do not program. Whatever is wrong with one is reported as a
`Problem` with the line and a sentence that says what to do; see `content/safety/README.md` for the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yaml.error import MarkedYAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.phrase_match import Place
from bot.spelling import STOP
from bot.spelling import entry_words as spelt
from bot.vocabulary import Word

Kind = Literal["violence", "sexual", "confined", "trafficking", "selfharm", "medical", "threat", "help"]
Level = Literal["case", "check"]

Path_ = tuple[str | int, ...]
_Line = Annotated[str, Field(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Strict):
    """A phrase with a remark of the editor's."""

    phrase: _Line
    note: str = ""


class Levels(_Strict):
    """Phrases of one kind: those that open a case outright, and those after which she is asked gently."""

    case: tuple[_Line | Entry, ...] = ()
    check: tuple[_Line | Entry, ...] = ()


class LexiconFile(_Strict):
    """One file as written. Every list may be left out but `danger`."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    spelling: Literal["letters", "sound"] = "letters"
    fillers: tuple[_Line, ...] = ()
    words: dict[Annotated[str, Field(pattern=r"^[a-z_]+$")], tuple[_Line, ...]] = {}
    danger: dict[Kind, Levels]
    calls: tuple[_Line, ...] = ()
    pleas: tuple[_Line, ...] = ()
    negations: tuple[_Line, ...] = ()
    negations_after: tuple[_Line, ...] = ()
    questions: tuple[_Line, ...] = ()
    lookalikes: tuple[_Line | Entry, ...] = ()
    harmless: tuple[_Line, ...] = ()
    ordinary: tuple[_Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something an editor has to put right: where, what is wrong and what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase ready to be matched. `text` is the entry as the editor wrote it."""

    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Danger:
    """A phrase that tells of danger."""

    level: Level
    kind: Kind
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Context:
    """A phrase that changes what a phrase of danger means: see the fields of `LexiconFile`."""

    role: Literal["lookalike", "negation", "negation_after", "question", "harmless", "plea", "call"]
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's file, checked and taken apart."""

    language: str
    sound: bool
    danger: tuple[Danger, ...]
    context: tuple[Context, ...]
    fillers: tuple[str, ...]
    ordinary: tuple[str, ...]
    negations: frozenset[str]


class LexiconError(Exception):
    """Something is wrong with a file. `problems` says what, line by line.

    usable: what remains of it without the wrong entries; None when the file cannot be read as a whole.
    """

    def __init__(self, problems: list[Problem], usable: Lexicon | None = None) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = sorted(problems, key=lambda problem: problem.line)
        self.usable = usable


_ROLES = {
    "lookalikes": "lookalike",
    "negations": "negation",
    "negations_after": "negation_after",
    "questions": "question",
    "harmless": "harmless",
    "pleas": "plea",
    "calls": "call",
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOKEN = re.compile(r"^(\*?)([^*<>]+?)(\*?)(!?)$")


def read_lexicon(path: Path) -> Lexicon:
    """Reads one file. Raises `LexiconError` with every problem that was found in it."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise LexiconError([Problem(str(path), 1, "is not UTF-8 text: save it as UTF-8")]) from error
    except OSError as error:
        raise LexiconError([Problem(str(path), 1, f"cannot be read ({error.strerror})")]) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"is not valid YAML ({error.problem}): check the indentation and the quotes near this line"
        raise LexiconError([Problem(str(path), line, message)]) from error
    except Exception as error:  # a control character, an unknown tag: whatever the reader trips over
        raise LexiconError([Problem(str(path), 1, f"cannot be read as YAML ({error})")]) from error
    return _Reader(path).read(node)


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.lines: dict[Path_, int] = {(): 1}
        self.groups: dict[str, tuple[Word, ...]] = {}
        self._places: dict[str, tuple[Place, ...]] = {}

    def read(self, node: Node | None) -> Lexicon:
        data = self.plain(node, ())
        if not isinstance(data, dict):
            self.fail((), "is empty or no list of names: start from another language's file")
            raise LexiconError(self.problems)
        try:
            file = LexiconFile.model_validate(data)
        except ValidationError as error:
            for detail in error.errors():
                self.fail(detail["loc"], _explain(detail))
            raise LexiconError(self.problems) from error
        if file.language != self.path.stem:
            self.fail(("language",), f"says {file.language!r} but the file is {self.path.name}: make them agree")
        for name, group in file.words.items():
            self.groups[name] = tuple(self.group(name, group))
        danger = tuple(self.danger(file))
        context = tuple(self.context(file))
        negations = frozenset(form for text in file.negations + file.negations_after for form in spelt(text)[0])
        sound = file.spelling == "sound"
        lexicon = Lexicon(self.path.stem, sound, danger, context, file.fillers, file.ordinary, negations)
        if self.problems:
            raise LexiconError(self.problems, lexicon)
        return lexicon

    def fail(self, where: tuple[Any, ...], message: str) -> None:
        while where not in self.lines:
            where = where[:-1]
        self.problems.append(Problem(str(self.path), self.lines[where], message))

    def plain(self, node: Node | None, where: Path_) -> Any:
        """The node as dicts, lists and strings, remembering the line of each."""
        if node is None:
            return None
        self.lines[where] = node.start_mark.line + 1
        if isinstance(node, MappingNode):
            out: dict[str, Any] = {}
            for key, value in node.value:
                name = str(key.value)
                if name in out:
                    self.lines[*where, name] = key.start_mark.line + 1
                    self.fail((*where, name), f"{name!r} stands here a second time: put both lists into one")
                out[name] = self.plain(value, (*where, name))
                self.lines[*where, name] = key.start_mark.line + 1
            return out
        if isinstance(node, SequenceNode):
            return [self.plain(item, (*where, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        # Every scalar is text: a bare `no` or `12` in a list of words means the word, not false or a number.
        return str(node.value) if node.value != "" or node.style else None

    def group(self, name: str, texts: tuple[str, ...]) -> Iterator[Word]:
        for index, text in enumerate(texts):
            where = ("words", name, index)
            if "<" in text:
                inner = text.strip("<>")
                if inner not in self.groups:
                    self.fail(where, f"<{inner}> is not defined above this line: write it under `words:` before")
                yield from self.groups.get(inner, ())
                continue
            found = list(self.token(text, where))
            if len(found) == 1:
                yield found[0]
            elif found:
                self.fail(where, f"{text!r} is several words: a group holds single words, write it as a phrase")

    def danger(self, file: LexiconFile) -> Iterator[Danger]:
        seen: dict[str, str] = {}
        for kind, levels in file.danger.items():
            for level in ("case", "check"):
                entries: tuple[str | Entry, ...] = getattr(levels, level)
                for index, entry in enumerate(entries):
                    where = ("danger", kind, level, index)
                    text = entry if isinstance(entry, str) else entry.phrase
                    if text in seen:
                        self.fail(where, f"{text!r} stands under {seen[text]} already: keep one of the two")
                        continue
                    seen[text] = f"{kind}, {level}"
                    places = self.places(text, where)
                    if places:
                        yield Danger(level, kind, Phrase(text, places))

    def context(self, file: LexiconFile) -> Iterator[Context]:
        for name, role in _ROLES.items():
            for index, entry in enumerate(getattr(file, name)):
                text = entry if isinstance(entry, str) else entry.phrase
                places = self.places(text, (name, index))
                if places:
                    yield Context(role, Phrase(text, places))  # type: ignore[arg-type]

    def places(self, text: str, where: Path_) -> tuple[Place, ...]:
        """The places of a phrase; empty, with a problem noted, when it cannot be read."""
        out: list[Place] = []
        for part in text.replace("...", " ... ").split():
            if part == "...":
                if not out:
                    self.fail(where, f"{text!r} begins with ...: it stands between two words")
                    return ()
                out[-1] = Place(out[-1].words, gap=True)
            elif part in ("^", "$", "<number>"):
                out.append(Place((Word("#" if part == "<number>" else part),)))
            elif part.startswith("<") and part.endswith(">"):
                if part[1:-1] not in self.groups:
                    self.fail(where, f"{part} is not a group of words: define it under `words:` or correct its name")
                    return ()
                out.append(Place(self.groups[part[1:-1]]))
            else:
                out.extend(self._known(part, where))
        if not any(place.words[0].text not in ("^", "$", "#") for place in out if place.words):
            self.fail(where, f"{text!r} holds no word: write the words to look for")
            return ()
        if out[-1].gap or len(out) > 12:
            self.fail(where, f"{text!r} ends with ... or is longer than 12 words: shorten it to what is always there")
            return ()
        return tuple(out)

    def _known(self, part: str, where: Path_) -> tuple[Place, ...]:
        """The places of a word; the same words stand in thousands of phrases."""
        if part not in self._places:
            before = len(self.problems)
            places = tuple(Place((word,)) for word in self.token(part, where))
            if len(self.problems) > before:
                return places
            self._places[part] = places
        return self._places[part]

    def token(self, part: str, where: Path_) -> Iterator[Word]:
        match = _TOKEN.match(part)
        if match is None:
            self.fail(where, f"{part!r}: * may begin or end a word, ! may end it, and <name> stands alone")
            return
        left, core, right, exact = match.groups()
        forms = [form for form in spelt(core)[0] if form != STOP]
        if not forms:
            self.fail(where, f"{part!r} has no letters: remove it")
        elif (left or right) and (len(forms) > 1 or len(forms[0]) < 2):
            self.fail(where, f"{part!r}: * needs one word of at least two letters")
        elif left or right:
            yield Word(core, "inside" if left and right else "ends" if left else "starts")
        elif len(forms) == 1:
            # As written: the vocabulary needs it to work out both spellings.
            yield Word(core, "whole", bool(exact))
        else:
            yield from (Word(form, "whole", bool(exact)) for form in forms)


def _explain(detail: Any) -> str:
    name = detail["loc"][-1] if detail["loc"] else ""
    match detail["type"]:
        case "extra_forbidden":
            return f"{name!r} is not a name this file knows: compare its spelling with the README"
        case "missing":
            return f"{name!r} is missing: add it"
        case "literal_error":
            return f"{detail['input']!r} is not possible here: write {detail['ctx']['expected']}"
        case "string_too_short" | "string_type":
            return "is empty or not text: write a phrase, or remove the line"
        case "tuple_type" | "dict_type" | "model_type":
            return f"{name!r} must be a list or a group with lines below it: put each entry on a line with a dash"
        case _:
            return f"{name!r}: {detail['msg']}"
