"""An entry of a content file as fields of a form, and back: what can be filled in follows from the entry's model.

Values are the texts that stand in the file, as `bot.knowledge.yamlfile` reads them. A field that is left empty stands for a key
that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from bot.knowledge.kinds import AnyFact
from bot.knowledge.schema import Contact
from bot.knowledge.values import Source

FIXED = ("id", "kind")
"""Other entries and answers go by these, so they are changed in the file only."""

NAMED = "named"
"""Last part of the name of the field that chooses one of the file's `sources`."""

GENERAL = (
    "state", "source", "checked_by", "checked_on", "review_by", "law", "note", "note_limits", "often_broken", "side",
    "destinations", "other_voices",
)  # fmt: skip
"""What every fact has, in the order of the form; what only its kind has comes before."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. name: keys and indexes joined by dots, `amount.value`. kind: text, long, choice or lines (one value a line).

    group: the name of what it is a part of, empty at the top. choices: for a choice, without the empty one. hint: what the
    model says of it, or what holds while it is empty.
    """

    name: str
    label: str
    kind: str
    value: str
    group: str = ""
    choices: tuple[str, ...] = ()
    hint: str = ""
    required: bool = False


def model_of(part: str, raw: Mapping[str, Any]) -> type[BaseModel] | None:
    """The model of an entry. part: facts, contacts or sources; None for a kind that does not exist."""
    if part == "sources":
        return Source
    if part == "contacts":
        return Contact
    for model in get_args(AnyFact):
        if raw.get("kind") in get_args(model.model_fields["kind"].annotation):
            return model  # type: ignore[no-any-return]
    return None


class Form:
    """What a form needs to know of the file: its `sources` and `defaults`, and the languages of texts."""

    def __init__(
        self, model: type[BaseModel], *, sources: Sequence[str], defaults: Mapping[str, str], languages: Sequence[str]
    ) -> None:
        self._model, self._sources, self._defaults, self._languages = model, tuple(sources), defaults, tuple(languages)

    def fields(self, raw: Mapping[str, Any]) -> list[Field]:
        """The fields of an entry with what stands in them now."""
        return list(self._of(self._model, raw, "", ""))

    def read(self, raw: Mapping[str, Any], given: Callable[[str], str]) -> dict[str, Any]:
        """The entry that a form says. given: the text of a field by its name. raw: the entry as it stands."""
        return {key: raw[key] for key in FIXED if key in raw} | self._read(self._model, raw, "", given)

    # Showing

    def _of(self, model: type[BaseModel], raw: Any, prefix: str, group: str) -> list[Field]:
        raw = raw if isinstance(raw, Mapping) else {}
        found: list[Field] = []
        for key in _ordered(model):
            info, name = model.model_fields[key], prefix + key
            kind, value = _bare(info.annotation), raw.get(key)
            hint = info.description or ""
            if not prefix and key in self._defaults and value is None:
                hint = f"{self._defaults[key]}"
            if kind is Source:
                if self._sources:
                    chosen = value if isinstance(value, str) else ""
                    found.append(Field(f"{name}.{NAMED}", NAMED, "choice", chosen, name, self._sources))
                found += self._of(Source, value, f"{name}.", name)
            elif _is_model(kind):
                found += self._of(kind, value, f"{name}.", name)
            elif get_origin(kind) is dict:
                texts = value if isinstance(value, Mapping) else {}
                tags = dict.fromkeys([*self._languages, *texts])
                found += [Field(f"{name}.{tag}", tag, "long", str(texts.get(tag) or ""), name) for tag in tags]
            elif get_origin(kind) is tuple:
                item, values = _bare(get_args(kind)[0]), value if isinstance(value, list) else [value] if value else []
                if _is_model(item):
                    for number in range(len(values) + 1):  # the last one is empty, for a new one
                        at = f"{name}.{number}"
                        found += self._of(item, values[number] if number < len(values) else {}, f"{at}.", at)
                else:
                    found.append(Field(name, key, "lines", "\n".join(map(str, values)), group, hint=hint))
            else:
                text = "" if value is None else str(value)
                choices = ("true", "false") if kind is bool else _literals(kind)
                shape = "choice" if choices else "long" if "\n" in text or len(text) > 60 else "text"
                needed = info.is_required() and key not in self._defaults and not group
                found.append(Field(name, key, shape, text, group, choices, hint, needed))
        return found

    # Reading

    def _read(self, model: type[BaseModel], raw: Any, prefix: str, given: Callable[[str], str]) -> dict[str, Any]:
        raw = raw if isinstance(raw, Mapping) else {}
        found: dict[str, Any] = {}
        for key in _ordered(model):
            name, kind, old = prefix + key, _bare(model.model_fields[key].annotation), raw.get(key)
            value: Any
            if kind is Source and (named := given(f"{name}.{NAMED}")):
                value = named
            elif _is_model(kind):
                value = self._read(kind, old, f"{name}.", given)
            elif get_origin(kind) is dict:
                texts = old if isinstance(old, Mapping) else {}
                tags = dict.fromkeys([*texts, *self._languages])
                value = {tag: text for tag in tags if (text := given(f"{name}.{tag}"))}
            elif get_origin(kind) is tuple:
                item = _bare(get_args(kind)[0])
                if _is_model(item):
                    olds = old if isinstance(old, list) else []
                    every = [
                        self._read(item, olds[n] if n < len(olds) else {}, f"{name}.{n}.", given)
                        for n in range(len(olds) + 1)
                    ]
                    value = [one for one in every if one]
                else:
                    value = [line.strip() for line in given(name).splitlines() if line.strip()]
            else:
                value = given(name)
            if value not in ("", [], {}):
                found[key] = value
        return found


def _ordered(model: type[BaseModel]) -> list[str]:
    keys = [key for key in model.model_fields if key not in FIXED]
    return [key for key in keys if key not in GENERAL] + [key for key in GENERAL if key in keys]


def _bare(kind: Any) -> Any:
    """The type without None and without what only checks it."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif type(None) in get_args(kind) and get_origin(kind) is not tuple:
            (kind,) = [one for one in get_args(kind) if one is not type(None)]
        else:
            return kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _literals(kind: Any) -> tuple[str, ...]:
    return tuple(map(str, get_args(kind))) if get_origin(kind) is Literal else ()
