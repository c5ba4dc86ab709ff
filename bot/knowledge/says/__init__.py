"""What facts say: English sentences with named placeholders, and per kind the function that chooses and fills them.

Only GSM-7 characters. `SENTENCES` of every module here go into the catalogs with their key as context; a pair of texts is a
singular and a plural, chosen by `n`. Country names stand in front with a colon or after "in", never inflected.
"""

from __future__ import annotations

from bot.knowledge.says import first, frame, home, items, leaving, money, papers, pay, rules, work

Sentence = str | tuple[str, str]

SENTENCES: dict[str, Sentence] = {}
for _module in (frame, items, money, pay, work, papers, leaving, home, rules, first):
    _again = SENTENCES.keys() & _module.SENTENCES.keys()
    assert not _again, f"{_module.__name__}: {sorted(_again)} stand in two modules"
    SENTENCES.update(_module.SENTENCES)
