"""Brings what she typed to the few forms that spelling is compared in.

Nobody spells carefully in danger. So differences that carry no meaning are taken away before
anything is looked up, from the lexicon and from the message by the same code: case, accents, vowel
length, tone marks, letters held down (`heeelp`), invisible characters, homophones of one script.

Two forms come out. `letters` keeps consonants as they are, for languages written in Latin letters.
`sound` also joins spellings of one sound (`chha`, `cha`, `xa`), for languages that are romanised
without a rule. Both hold the same number of words in the same order.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 10_000
"""Characters that are looked at. Of a longer message the beginning and the end, where cries for help stand."""

STOP = "."
"""The word that stands for the end of a sentence."""

_TAIL = 3_000

# Signs that writers add or leave out freely, and letters of one sound, per script.
_DROPPED = {
    *"'’‘ʼ`´\u0640\u0670",  # apostrophes; Arabic lengthening
    *map(chr, range(0x0300, 0x0370)),  # accents
    *map(chr, range(0x064B, 0x0656)),  # Arabic vowel signs
    *"\u093c\u094d\u0901\u0902\u09bc\u09cd\u0981",  # nukta, virama, nasal signs
    *"\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e47",  # Thai tone marks and silencer
    *"\u0ec8\u0ec9\u0eca\u0ecb\u0ecc",  # Lao tone marks
    *"\u17c9\u17ca\u17cb\u17cc\u17cd\u17ce\u17cf\u17d0",  # Khmer register and silencing signs
    *"ьъ",
}
_SAME = {
    "ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe",
    "ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "گ": "ك", "ٱ": "ا",
    "ी": "ि", "ू": "ु", "ई": "इ", "ऊ": "उ", "श": "स", "ष": "स", "व": "ब", "ण": "न",
    "ী": "ি", "ূ": "ু", "ঈ": "ই", "ঊ": "উ", "শ": "স", "ষ": "স", "ণ": "ন", "ৎ": "ত",
    "🆘": " sos ", "@": "a", "$": "s",
}  # fmt: skip
_BEYOND = 0x2E80
_STOPS = set(".!?।॥…؟።፧។៕\n\r;|")

# Amharic writes h, s, the glottal stop and ts with several letters each; every one has seven or more orders.
for _from, _to in (("ሐ", "ሀ"), ("ኀ", "ሀ"), ("ኸ", "ሀ"), ("ሠ", "ሰ"), ("ዐ", "አ"), ("ፀ", "ጸ")):
    for _order in range(7):
        _SAME[chr(ord(_from) + _order)] = chr(ord(_to) + _order)
for _from, _to in (("ሃ", "ሀ"), ("ሓ", "ሀ"), ("ኃ", "ሀ"), ("ኻ", "ሀ"), ("ኣ", "አ"), ("ዓ", "አ")):
    _SAME[_from] = _to


class _Table(dict[int, str]):
    """What each character becomes, worked out the first time it is met."""

    def __missing__(self, code: int) -> str:
        if len(self) > 100_000:  # somebody sends every character there is
            return " "
        # Beyond the scripts of our languages: pictures, ideograms, private signs. All part words.
        self[code] = value = " " if code >= _BEYOND else _character(chr(code))
        return value


def _character(char: str) -> str:
    if char in _DROPPED:
        return ""
    if char in _SAME:
        return _SAME[char]
    if char in _STOPS:
        return f" {STOP} "
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category[0] in "LM":
        return char
    # Surrogates, bidirectional marks and joiners vanish inside a word; tabs and everything else part words.
    return "" if category in ("Cf", "Cs", "Mn") else " "


_TABLE = _Table({ord(char): _character(char) for char in {*_SAME, *_STOPS, *_DROPPED}})
_DOUBLED = re.compile(r"([^\d\s\u0e00-\u0eff\u1780-\u17ff])\1+")
_HELD_DOWN = re.compile(r"([\u0e00-\u0eff\u1780-\u17ff])\1{2,}")  # Thai, Lao, Khmer put no spaces between words
_INITIALS = re.compile(r"(?<![^\s.])(\w)\.(?=\w(?:[\s.]|$))")
_SOUNDS = (
    ("eee", "e"), ("ooo", "o"),
    ("ee", "i"), ("oo", "u"), ("chh", "c"), ("ch", "c"), ("x", "c"), ("sh", "s"), ("kh", "k"), ("gh", "g"),
    ("th", "t"), ("dh", "d"), ("ph", "f"), ("bh", "b"), ("jh", "j"), ("zh", "j"), ("w", "b"), ("v", "b"),
    ("z", "j"), ("q", "k"), ("y", "i"),
)  # fmt: skip


def words(text: str) -> tuple[list[str], list[str]]:
    """The words of a message in the two forms, `letters` and `sound`, equally many; `STOP` between sentences.

    Any string is taken, of any length, broken surrogates included. Time grows with the length of the
    text up to `LONGEST` characters and not beyond.
    """
    if len(text) > LONGEST:
        text = text[: LONGEST - _TAIL] + "\n" + text[-_TAIL:]
    limit = len(text) * 3 // 2 + 32  # a few characters unfold into sentences; no language of ours grows by half
    text = unicodedata.normalize("NFKC", text.replace("\ufdfa", " "))[:limit].casefold()
    text = unicodedata.normalize("NFKD", text)[:limit]
    if "." in text:
        text = _INITIALS.sub(r"\1 ", text)
    text = text.translate(_TABLE)
    letters = _single(text).split()
    for spelt, sound in _SOUNDS:
        text = text.replace(spelt, sound)
    return letters, _single(text).split()


@lru_cache(maxsize=1 << 17)
def entry_words(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`words` of a word of a lexicon: the same ones stand in thousands of phrases."""
    letters, sounds = words(text)
    return tuple(letters), tuple(sounds)


def _single(text: str) -> str:
    """The text with every doubled letter and every letter held down written once; 112 stays 112.

    Where no space parts words, the last letter of one and the first of the next are no doubled letter: there only three and
    more become one.
    """
    return _HELD_DOWN.sub(r"\1", _DOUBLED.sub(r"\1", text))


_LEET = str.maketrans("013457", "oieast")


def digits_as_letters(word: str) -> tuple[str, ...]:
    """Readings of a word in which digits stand for letters (`h3lp`) or syllables (`2long`, `4ever`)."""
    if word.isdigit() or word.isalpha():
        return ()
    return word.translate(_LEET), word.replace("2", "to").replace("4", "for").replace("8", "ate")
