"""The words that somebody has written into a mail, without what her mail program put around them.

No library does this well enough here: those that know the phrases of some languages ("On ... wrote:") let quoted text through
in all others, and take a list with hyphens for a signature. We know what the mail is an answer to: it holds our own address
and the line ABOVE, in whatever language the mail program speaks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from html.parser import HTMLParser

from bot.messages import ABOVE

_QUOTED = re.compile(r"\s*[>|]")
_RULE = re.compile(r"\s*(?:[-_=]{2,}\s*[^\s\d].{0,60}[^\s\d]\s*[-_=]{2,}|[_=*-]{10,})\s*")
"""`-----Original Message-----` in any language, or Outlook's line."""
_HEADER = re.compile(r"\s*\*?[^\s:\uff1a]{1,20}(?: [^\s:\uff1a]{1,12})?\s?[:\uff1a]\*?\s*\S")
"""`Sent: Wednesday` in any language."""
_DATED = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2}")
_DELIMITER = re.compile(r"\s*(?:--|—|–)\s*")
_SENT_FROM = re.compile(
    r"\s*(?:sent from (?:my|outlook|mail|yahoo)|get outlook|enviado (?:desde|do) (?:mi|meu|outlook)"
    r"|envoyé de(?:puis)? (?:mon|outlook)|dikirim dari|gesendet von|inviato da"
    r"|أرسلت من|أُرسلت من|отправлено с|ipinadala mula sa).{0,80}",
    re.IGNORECASE,
)
_CLOSINGS = frozenset(
    [
        "regards", "best regards", "kind regards", "warm regards", "best wishes", "sincerely", "yours sincerely", "best",
        "saludos", "saludos cordiales", "atentamente", "un saludo", "cordialement", "bien cordialement", "salutations",
        "mit freundlichen grüßen", "viele grüße", "cordiali saluti", "hormat saya", "hormat kami", "salam", "salam hormat",
        "lubos na gumagalang", "с уважением", "cu stimă", "مع تحياتي", "مع التحية", "تحياتي", "مع أطيب التحيات",
    ]
)  # fmt: skip
_AFTER_CLOSING = 12
"""Lines that may follow a closing: a signature is no longer."""
_HARD_BREAK = 65
"""Characters from which on a line that goes on was broken by the mail program."""


def new_words(text: str, own: Collection[str], signature: Sequence[str] = ()) -> str:
    """The words that are new in the text of a mail; empty where it cannot be told which they are.

    own: our addresses. signature: lines that the mail's HTML marks as one.
    """
    lines = [_plain(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    cut = _where_the_old_begins(lines, own)
    above = lines[: _before_attribution(lines, cut)]
    if not any(line.strip() for line in above):
        above = _below(lines[cut:])
    marked = [_plain(line).strip() for line in signature]
    return _joined(_without_signature(above, [line for line in marked if line]))


def _plain(line: str) -> str:
    line = unicodedata.normalize("NFC", line).replace("\xa0", " ")
    return "".join(c for c in line if c == "\t" or c in "\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf"))


def _where_the_old_begins(lines: Sequence[str], own: Collection[str]) -> int:
    """The first line that is ours: quoted, a rule above the quoted mail, the line ABOVE, or one with our address."""
    addresses = [address.casefold() for address in own]
    for number, line in enumerate(lines):
        folded = line.casefold()
        if _QUOTED.match(line) or _RULE.fullmatch(line) or is_above(line) or any(a in folded for a in addresses):
            return number
    return len(lines)


def is_above(text: str) -> bool:
    """Whether our line stands in a text."""
    return ABOVE.casefold() in " ".join(text.casefold().split())


def _before_attribution(lines: Sequence[str], cut: int) -> int:
    """Where the words above end: before `On ... wrote:`, which may be broken into lines, or `From: ... Sent: ...`."""
    if cut == len(lines) or (_RULE.fullmatch(lines[cut]) and not is_above(lines[cut])):
        return cut
    if not (_QUOTED.match(lines[cut]) or is_above(lines[cut])):  # our address stands in it
        dated = _DATED.search(lines[cut]) or cut == 0 or not _DATED.search(lines[cut - 1])
        return cut if dated else cut - 1
    last = cut - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    first = last
    while first > 0 and lines[first - 1].strip() and last - first < 5:
        first -= 1
    if last < 0:
        return cut
    if lines[last].rstrip().endswith((":", "\uff1a")):
        dated_ones = [n for n in range(max(first, last - 2), last + 1) if _DATED.search(lines[n])]
        return dated_ones[-1] if dated_ones else cut
    headers = [n for n in range(first, last + 1) if all(_HEADER.match(line) for line in lines[n : last + 1])]
    if len(headers) >= 3 and any(_DATED.search(line) for line in lines[headers[0] : last + 1]):
        return headers[0]
    return cut


def _below(old: Sequence[str]) -> list[str]:
    """What is written below or between quoted lines; nothing unless every line that is ours is marked as quoted."""
    quoted = [number for number, line in enumerate(old) if _QUOTED.match(line)]
    if not quoted or any(is_above(line) and not _QUOTED.match(line) for line in old):
        return []
    return [line for line in old[quoted[0] :] if not _QUOTED.match(line)]


def _without_signature(lines: Sequence[str], signature: Sequence[str]) -> list[str]:
    after, marked = [0] * (len(lines) + 1), len(lines)
    for number in range(len(lines) - 1, -1, -1):
        stripped = lines[number].strip()
        after[number] = after[number + 1] + bool(stripped)
        if marked == number + 1 and (not stripped or stripped in signature):
            marked = number
    kept: list[str] = []
    for number, line in enumerate(lines[:marked] if signature else lines):
        closing = line.strip(" \t,.!-،").casefold() in _CLOSINGS and after[number + 1] <= _AFTER_CLOSING
        if _DELIMITER.fullmatch(line) or closing:
            break
        if not _SENT_FROM.fullmatch(line):
            kept.append(line)
    return kept


def _joined(lines: Sequence[str]) -> str:
    """As text; lines that a mail program has broken are whole again."""
    text = ""
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else ""
        goes_on = len(before.rstrip()) >= _HARD_BREAK and line.strip() and not re.match(r"\s*[-*•\d]", line)
        text += f"{' ' if goes_on else chr(10)}{line.strip()}"
    return re.sub(r"\n{3,}", "\n\n", text).strip()


_BLOCKS = frozenset(
    [
        "p", "div", "br", "tr", "li", "ul", "ol", "table", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "pre",
    ]
)  # fmt: skip
_UNREAD = frozenset(["head", "title", "style", "script", "template", "blockquote"])
_OLD = ("gmail_quote", "gmail_attr", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote")
_SIGNED = ("gmail_signature", "moz-signature", "protonmail_signature", "signature")
_REST_IS_OLD = ("appendonsend", "divrplyfwdmsg", "mail-editor-reference-message-container")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.signature: list[str] = []
        self._into = [self.text]
        self._open: list[str] = []
        self._over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = " ".join(value or "" for name, value in attrs if name in ("class", "id")).casefold().split()
        self._over = self._over or any(name.removeprefix("x_") in _REST_IS_OLD for name in names)
        if tag in _BLOCKS:
            self._into[-1].append("\n")
        if self._open:
            if tag == self._open[0]:
                self._open.append(tag)
        elif tag in _UNREAD or any(name.removeprefix("x_").startswith(_OLD) for name in names):
            self._skip(tag, [])
        elif any(name.removeprefix("x_").startswith(_SIGNED) for name in names):
            self._skip(tag, self.signature)

    def _skip(self, tag: str, into: list[str]) -> None:
        self._open = [tag]
        self._into.append(into)

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open[-1]:
            self._open.pop()
            if not self._open:
                self._into.pop()
        if tag in _BLOCKS:
            self._into[-1].append("\n")

    def handle_data(self, data: str) -> None:
        if not self._over:
            self._into[-1].append(re.sub(r"\s+", " ", data))


_UNSHOWN = [
    (re.compile(begin, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for begin, end in (("<!--", "-->"), (r"<head\b", "</head"), (r"<style\b", "</style"), (r"<script\b", "</script"))
]

LONGEST_HTML = 40_000
"""Characters of HTML that are looked at, without its styles. What is new stands at the beginning, and broken HTML takes Python's
parser a time that grows with the square of its length.
"""


def from_html(html: str) -> tuple[str, list[str]]:
    """The text of a mail's HTML without what it marks as quoted, and the lines that it marks as a signature."""
    page = _Page()
    for begin, end in _UNSHOWN:
        html = _without(html, begin, end)
    html = html[:LONGEST_HTML]
    page.feed(html[: html.rfind(">") + 1])
    page.close()
    return re.sub(r" *\n[ \n]*\n", "\n\n", "".join(page.text)).strip(), "".join(page.signature).split("\n")


def _without(html: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    """Without what stands between two marks, in one pass; one that never ends takes the rest with it."""
    kept, position = [], 0
    while found := begin.search(html, position):
        kept.append(html[position : found.start()])
        over = end.search(html, found.end())
        if over is None:
            return "".join(kept)
        position = over.end()
    return "".join([*kept, html[position:]])
