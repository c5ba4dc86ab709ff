"""How an SMS gateway wants to be spoken to: a YAML file that an operator writes, checked before the service starts.

Paths (`/payload/id`) are JSON pointers into what came; a bare name is a field of a form or of the address's query.
Texts may hold placeholders: {to} {to_digits} {from} {text} {id} {password} {secret} {status_url}.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import phonenumbers
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.settings import SettingsError

PLACEHOLDERS = frozenset(("to", "to_digits", "from", "text", "id", "password", "secret", "status_url"))
PERSONAL = frozenset(("to", "to_digits", "text"))
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _template(value: Any) -> Any:
    for leaf in leaves(value):
        for name in _PLACEHOLDER.findall(leaf):
            if name not in PLACEHOLDERS:
                raise ValueError(f"{{{name}}} is not known; known are {{{'} {'.join(sorted(PLACEHOLDERS))}}}")
    return value


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return value


def _reader(value: str) -> str:
    if value and not value.startswith("/") and re.compile(_regex(value)).groups != 1:
        raise ValueError("must be a path like /message/id, or a regular expression with one pair of parentheses")
    return value


Template = Annotated[str, AfterValidator(_template)]
Templates = Annotated[dict[str, Any], AfterValidator(_template)]
Regex = Annotated[str, AfterValidator(_regex)]
Reader = Annotated[str, AfterValidator(_reader)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Send(_Part):
    """The request that hands a message over.

    fields: body (`json`, `form`) or query (`query`). unicode_fields: further ones when the text does not fit GSM-7.
    user: for basic authentication, with KASAMA_SMS_GATEWAY_PASSWORD. longest: characters that the gateway takes at once.
    national: languages (tr, es, pt) whose shift tables the gateway uses, so that their letters need no Unicode.
    pause: seconds between two messages, for a phone or a modem. timeout: seconds for the whole request.
    """

    url: Template = Field(pattern=r"^https?://[^/\s]+")
    method: Literal["GET", "POST", "PUT"] = "POST"
    body: Literal["json", "form", "query"] = "json"
    fields: Templates
    unicode_fields: Templates = {}
    headers: Templates = {}
    user: str = ""
    longest: int = Field(1600, ge=60, le=10_000)
    national: frozenset[Literal["tr", "es", "pt"]] = frozenset()
    pause: float = Field(0, ge=0, le=60)
    timeout: float = Field(15, gt=0, le=60)

    @model_validator(mode="after")
    def _sendable(self) -> Self:
        used = {name for leaf in leaves([self.url, self.fields]) for name in _PLACEHOLDER.findall(leaf)}
        if "text" not in used or not used & {"to", "to_digits"}:
            raise ValueError("url and fields must use {text}, and {to} or {to_digits}")
        if self.body != "json" and any(isinstance(v, dict) for v in (self.fields | self.unicode_fields).values()):
            raise ValueError(f"fields of a {self.body} cannot hold others; use texts and lists")
        if self.method == "GET" and self.body != "query":
            raise ValueError("GET has no body: set body: query")
        for leaf in leaves(self.headers):
            if PERSONAL & set(_PLACEHOLDER.findall(leaf)):
                raise ValueError("headers are logged on the way: no {text} and no number in them")
        return self


class Answer(_Part):
    """How to read what the gateway answers.

    accepted: HTTP statuses that may mean that it took the message; none: 2xx. contains: what its answer must hold then.
    id: where its id of the message stands; without one, ours is used. already: statuses that mean that it knows our {id}.
    never, never_if: statuses, and an expression for the answer, that no further try can help. opted_out_if: the same for a
    woman who told the gateway that she wants no messages. error: where its code stands.
    """

    accepted: frozenset[int] = frozenset()
    contains: Regex = ""
    id: Reader = ""
    already: frozenset[int] = frozenset()
    never: frozenset[int] = frozenset()
    never_if: Regex = ""
    opted_out_if: Regex = ""
    error: Reader = ""


class Signature(_Part):
    """HMAC-SHA256 with KASAMA_SMS_GATEWAY_SECRET. signs: of what, {body} and {timestamp}. window: seconds it is valid."""

    header: str = Field(min_length=1)
    signs: str = "{body}"
    timestamp: str = ""
    prefix: str = ""
    encoding: Literal["hex", "base64"] = "hex"
    window: int = Field(300, ge=10, le=86_400)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.signs.count("{body}") != 1 or self.signs.count("{timestamp}") > 1:
            raise ValueError("signs must name {body} once, and {timestamp} at most once")
        if bool(self.timestamp) != ("{timestamp}" in self.signs):
            raise ValueError(
                "a timestamp counts only when it is signed: name its header and put {timestamp} into signs"
            )
        return self


class Token(_Part):
    """KASAMA_SMS_GATEWAY_SECRET as it is, in a header (after `prefix`) or in a field of the address's query."""

    header: str = ""
    query: str = ""
    prefix: str = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.header) == bool(self.query):
            raise ValueError("name a header or a field of the query, one of them")
        return self


class Receive(_Part):
    """The webhook for messages. One of signature and token guards it, and the one for their fate.

    each: where a list of messages stands, when there is one. only: path and expression; a call that does not fit is
    acknowledged and left alone. from, text, id, time: where they stand. country: of numbers without country code, two
    letters. reply: text of our answer; most gateways want none, Kannel would send it to her.
    """

    method: Literal["GET", "POST"] = "POST"
    signature: Signature | None = None
    token: Token | None = None
    each: str = ""
    only: dict[str, Regex] = {}
    sender: str = Field(alias="from", min_length=1)
    text: str = Field(min_length=1)
    id: str = ""
    time: str = ""
    country: str = Field("", pattern="^([A-Z]{2})?$")
    reply: str = ""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if bool(self.signature) == bool(self.token):
            raise ValueError("needs one guard: signature, or token for a gateway that cannot sign")
        if self.signature and self.method == "GET":
            raise ValueError("a signature covers a body, and GET has none: use POST or a token")
        if not self.id and not self.time:
            raise ValueError("needs id or time: without both, a repeated call and a repeated word look the same")
        if self.country and self.country not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"country {self.country} is not known; use two letters, for example NP")
        return self


class Fate(_Part):
    """The webhook that tells what became of a message. means: the gateway's word to `sent`, `delivered`, `failed`, ..."""

    method: Literal["GET", "POST"] = "POST"
    each: str = ""
    only: dict[str, Regex] = {}
    id: str = Field(min_length=1)
    status: str = Field(min_length=1)
    means: dict[str, str] = {}
    error: str = ""


class Profile(_Part):
    """One gateway. from: the number or name that it sends by, where it wants to be told."""

    name: str
    sender: str = Field("", alias="from")
    send: Send
    answer: Answer = Answer()
    receive: Receive
    status: Fate | None = None

    def uses(self, placeholder: str) -> bool:
        """Whether a template needs it."""
        parts = [self.send.url, self.send.fields, self.send.unicode_fields, self.send.headers]
        return any(f"{{{placeholder}}}" in leaf for leaf in leaves(parts))


def load_profile(path: Path) -> Profile:
    """The profile in a file; raises `SettingsError` with a line per problem."""
    try:
        return Profile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"KASAMA_SMS_GATEWAY: {path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"KASAMA_SMS_GATEWAY: {path} is not YAML: {error}") from None
    except ValidationError as error:
        lines = []
        for item in error.errors(include_url=False, include_input=False):
            where = ".".join(str(part) for part in item["loc"]) or "the file"
            lines.append(f"KASAMA_SMS_GATEWAY: {path}: {where}: {str(item['msg']).removeprefix('Value error, ')}")
        raise SettingsError("\n".join(lines)) from None


def leaves(value: Any) -> list[str]:
    """All texts in a tree of lists and objects."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict | list | tuple):
        return [leaf for part in (value.values() if isinstance(value, dict) else value) for leaf in leaves(part)]
    return []


def fill(value: Any, values: dict[str, str], quote: Any = lambda text: text) -> Any:
    """A tree with its placeholders replaced; what is no text stays as it is."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: quote(values[found[1]]), value)
    if isinstance(value, dict):
        return {key: fill(part, values, quote) for key, part in value.items()}
    if isinstance(value, list):
        return [fill(part, values, quote) for part in value]
    return value


def look_up(document: Any, path: str) -> Any:
    """What stands at a path; None where there is nothing. `a` is `/a`."""
    for step in (path if path.startswith("/") else f"/{path}")[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and re.fullmatch("[0-9]{1,6}", name) and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document
