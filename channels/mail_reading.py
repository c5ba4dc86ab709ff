"""Raw mails read: who wrote it, which mail it answers, whether a person wrote it at all, and the words that are new."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from bot.segments import clean
from channels.mail_words import from_html, is_above, new_words

LONGEST_TEXT = 200_000
"""Characters of a mail's text that are looked at."""

LONGEST_SENDER = 1000
"""Characters of a From header; a longer one names nobody, and Python's parser of them recurses."""

_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+=-].*)?@", re.IGNORECASE)
_AUTOMATIC_SUBJECT = re.compile(
    r"\s*(?:auto(?:matic|mated)?[ -]?(?:reply|response)|out of (?:the )?office|autoreply|undeliver(?:ed|able)|delivery status|"
    r"respuesta automática|réponse automatique|resposta automática|risposta automatica|automatische antwort|"
    r"abwesenheitsnotiz|balasan otomatis|jawaban automatis|رد تلقائي|автоответ|автоматический ответ)",
    re.IGNORECASE,
)
_AUTOMATIC_HEADERS = (
    "X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Mail-Autoreply", "X-AutoReply-From", "X-FC-MachineGenerated",
    "X-Failed-Recipients", "List-Id",
)  # fmt: skip
_AUTOMATIC_PRECEDENCE = frozenset(("bulk", "junk", "list", "auto_reply"))


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was read.

    sender: its address; empty unless exactly one is given. name: as the sender calls herself, empty where it is an address.
    words: what is new in it. thread: the ids of the mails before it, the one that it answers first. message_id: its own,
    with `<>`; may be empty. fingerprint: the same for the same mail. automatic: no person wrote it. quotes_ours: text of a mail
    of ours about a case stands in it.
    """

    sender: str
    name: str
    words: str
    thread: tuple[str, ...]
    message_id: str
    fingerprint: str
    automatic: bool
    quotes_ours: bool


def read_mail(raw: bytes, own: Collection[str]) -> Mail:
    """Read a mail, or the first part of a long one. own: our addresses."""
    message = message_from_bytes(raw)
    address, name = _sender(message)
    message_id = next(iter(_ids(message, "Message-ID")), "")
    plain, html = _texts(message)
    shown, signature = from_html(html) if html else ("", [])
    words = new_words(plain, own, signature) if plain.strip() else new_words(shown, own)
    same = f"{address}\n{message_id}".encode(errors="replace") if message_id else raw
    return Mail(
        sender=address,
        name=name,
        words=clean(words).strip(),
        thread=tuple(dict.fromkeys([*_ids(message, "In-Reply-To"), *reversed(_ids(message, "References"))])),
        message_id=message_id,
        fingerprint=f"mail:{hashlib.sha256(same).hexdigest()[:40]}",
        automatic=not address or _automatic(message, address),
        quotes_ours=any(is_above(text) for text in (plain, html)),
    )


def _sender(message: Message) -> tuple[str, str]:
    given = [str(value) for value in message.get_all("From", [])]
    if len(given) != 1 or len(given[0]) > LONGEST_SENDER:
        return "", ""
    found = [(name, address) for name, address in getaddresses(given) if address]
    if len(found) != 1 or found[0][1].count("@") != 1 or given[0].count("<") > 1:
        return "", ""
    name, address = found[0]
    name = clean(" ".join(_decoded(name).split()))
    digits = sum(c.isdigit() for c in name)
    return address.strip(), "" if "@" in name or digits > 4 else name[:40].strip()


def _decoded(header: str) -> str:
    try:
        return str(make_header(decode_header(header[:LONGEST_SENDER])))
    except (MessageError, LookupError, ValueError):
        return ""


def _ids(message: Message, header: str) -> list[str]:
    """The ids in a header, of which a broken mail may have several."""
    return [i for value in message.get_all(header, []) for i in _ID.findall(str(value))][-50:]


def _automatic(message: Message, address: str) -> bool:
    def said(header: str) -> str:
        return str(message.get(header, "")).split(";")[0].strip().casefold()

    return (
        said("Auto-Submitted") not in ("", "no")
        or said("Precedence") in _AUTOMATIC_PRECEDENCE
        or any(header in message for header in _AUTOMATIC_HEADERS)
        or ("Return-Path" in message and said("Return-Path") in ("", "<>"))
        or message.get_content_type() in ("multipart/report", "message/delivery-status")
        or _MACHINES.match(address) is not None
        or _AUTOMATIC_SUBJECT.match(_decoded(str(message.get("Subject", "")))) is not None
    )


def _texts(message: Message) -> tuple[str, str]:
    """The plain text and the HTML; empty where there is none."""
    plain, html = "", ""
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "text/plain" and not plain:
            plain = _text(part)
        elif kind == "text/html" and not html:
            html = _text(part)
    return plain, html


def _parts(message: Message) -> Iterator[Message]:
    """The parts that are the mail itself: no attachments, and no mail that hangs on it."""
    if message.get_content_disposition() == "attachment" or message.get_content_maintype() == "message":
        return
    if message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part)
    elif message.get_filename() is None:
        yield message


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    content = content[: LONGEST_TEXT * 4] if isinstance(content, bytes) else b""
    said = (
        (part.get_content_charset() or "utf-8").replace("punycode", "utf-8").replace("idna", "utf-8")
    )  # slow for long texts
    for charset, errors in ((said, "strict"), ("utf-8", "strict"), (said, "replace"), ("utf-8", "replace")):
        try:
            return content.decode(charset, errors)[:LONGEST_TEXT]
        except (LookupError, UnicodeError, ValueError):
            continue
    return ""
