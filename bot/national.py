"""National language shift tables of 3GPP TS 23.038: letters that GSM-7 lacks, at less than the price of UCS-2.

Twilio does not use them (its documentation and its segment calculator know GSM-7 and UCS-2 only), so nothing here counts for it.
A gateway or a phone may, where its profile says so. Each part of such a text says in its header which table it uses, and has
that much less room. Here are those of Turkish, Spanish and Portuguese: two sources that know nothing of each other agree on them.
"""

from __future__ import annotations

from bot.segments import GSM_BASIC, GSM_EXTENSION, Segments, count

_SINGLE = {
    "tr": GSM_EXTENSION | frozenset("ĞİŞçğış"),
    "es": GSM_EXTENSION | frozenset("çÁÍÓÚáíóú"),
    "pt": GSM_EXTENSION | frozenset("êçÔôÁáΦΓΩΠΨΣΘÊÀÍÓÚÃÕÂíóúãõâ"),
}
"""Instead of the extension table: an escape and a character, two septets."""

_LOCKING = {
    "tr": GSM_BASIC - frozenset("èìØøÆæ¡¿") | frozenset("€ıĞğŞşİç"),
    "pt": frozenset(
        "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|ÂâÊÉ !\"#º%&'()*+,-./0123456789:;<=>?"
        "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§~abcdefghijklmnopqrstuvwxyzãõ`üà"
    ),
}
"""Instead of the default alphabet: one septet."""

LANGUAGES = frozenset(_SINGLE)

_OCTETS = 140
_LENGTH, _CONCATENATION, _TABLE = 1, 5, 3
"""Octets in the header: of its length, of the part's number, of each table."""


def count_national(text: str, languages: frozenset[str] = LANGUAGES) -> Segments:
    """What `text` costs where these languages' tables are in use: the cheapest of them, of GSM-7 and of UCS-2.

    encoding is `GSM-7` with a table too. units: septets, without headers.
    """
    plain = count(text)
    if plain.encoding == "GSM-7":
        return plain
    found = [plain]
    for language in sorted(languages):
        single = _SINGLE[language]
        found.append(_with_tables(text, GSM_BASIC, single, 1))
        if locking := _LOCKING.get(language):
            found += [_with_tables(text, locking, GSM_EXTENSION, 1), _with_tables(text, locking, single, 2)]
    return min(found, key=lambda s: (s.segments, s.encoding == "UCS-2", s.units))


def _with_tables(text: str, one: frozenset[str], two: frozenset[str], tables: int) -> Segments:
    if any(c not in one and c not in two for c in text):
        return Segments("UCS-2", len(text) + 1, len(text))  # dearer than anything that can be sent
    sizes = [1 if c in one else 2 for c in text]
    total = sum(sizes)
    if total <= _septets(_LENGTH + tables * _TABLE):
        return Segments("GSM-7", 1, total)
    room = _septets(_LENGTH + _CONCATENATION + tables * _TABLE)
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > room:
            parts, filled = parts + 1, 0
        filled += size
    return Segments("GSM-7", parts, total)


def _septets(header: int) -> int:
    """Room for text beside a header of that many octets; text begins at a border of septets."""
    return (_OCTETS - header) * 8 // 7
