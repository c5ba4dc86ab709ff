"""Looks at every message before the dialogue does: does it say that she is in danger?

Phrases in `content/safety/<language>.yml`, matched with tolerance for spelling, in all languages at
once, because she mixes them. No network, no model, the same answer every time, under 2 ms.

How one finding is chosen when several phrases match: the higher level first; then the kind whose first
reply would do most harm if it were missed, in the order of `KINDS`: self-harm (she must not be handed on
like a complaint), medical (minutes count), sexual (asks for the most care), confined and trafficking
(nobody can simply tell her to leave), violence, threat, and last a bare call for help, which names none;
then the longest phrase, because it says most.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.lexicon import Lexicon, LexiconError, Problem, read_lexicon
from bot.phrase_match import Phrases, Vocabulary, Word, bits

KINDS = ("selfharm", "medical", "sexual", "confined", "trafficking", "violence", "threat", "help")
"""Most urgent first."""

NEGATION_REACH = 2
"""Words after a negation that it may speak of."""

QUESTION_REACH = 8
"""Words after `what if` that are supposed and not told."""

BARE_CALL_WORDS = 6
"""A message of at most so many words that asks for help and names nothing is met with the gentle question."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the lexicon says about one message.

    level: `case` opens a case at once; `check` asks her gently whether she is in danger; `none`.
    kind: one of `KINDS`, None at level `none`.
    phrase: the entry of the lexicon that matched, as the editor wrote it; the reason for the case.
        It is never a part of her message.
    language: the language of the lexicon that it stands in, which need not be the one she writes in.
    """

    level: Literal["none", "check", "case"]
    kind: str | None = None
    phrase: str | None = None
    language: str | None = None


NOTHING = Finding("none")
_BARE_CALL = Finding("check", "help", "pleas")


class Safety:
    """The lexicons of every language in a folder.

    A broken file never takes the others down: the last good version of it stays in service, and
    `problems` says what to put right. A service that starts with a broken file works with those of its
    entries that are sound.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: tuple[Problem, ...] = ()
        self._good: dict[str, Lexicon] = {}
        self._lock = threading.Lock()
        self.reload()

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages in service."""
        return tuple(sorted(self._good))

    def reload(self) -> tuple[Problem, ...]:
        """Reads the folder again and returns the problems that it found. Messages are checked meanwhile as before."""
        with self._lock:
            problems: list[Problem] = []
            good: dict[str, Lexicon] = {}
            for path in sorted(self.folder.glob("*.yml")):
                try:
                    good[path.stem] = read_lexicon(path)
                except LexiconError as error:
                    problems.extend(error.problems)
                    kept = self._good.get(path.stem) or error.usable
                    if kept:
                        good[path.stem] = kept
            if not good:
                # Even a folder that has gone keeps what was loaded: silence would cost more than old phrases.
                good = self._good
                message = "no usable lexicon: restore the files, calls for help are found by the model alone"
                problems.append(Problem(str(self.folder), 1, message))
            matcher = _Matcher(list(good.values()))
            self._good, self._matcher, self.problems = good, matcher, tuple(problems)
        for problem in problems:
            log.error("safety lexicon: %s", problem)
        return self.problems

    def check(self, text: str) -> Finding:
        """Checks one message, any string of any length. Never raises for what it holds."""
        return self._matcher.check(text)


@dataclass(frozen=True, slots=True)
class _Effects:
    """What the context phrases that end at one word do, as masks of danger bits."""

    before: int = 0
    after: int = 0
    supposed: int = 0
    harmless: bool = False
    plea: bool = False


class _Matcher:
    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        vocabulary = Vocabulary()
        self._vocabulary = vocabulary
        self._context = context = Phrases()
        self._roles: list[tuple[str, int]] = []
        context_of: list[int] = []
        for number, lexicon in enumerate(lexicons):
            context_of.append(0)
            for entry in lexicon.context:
                mask = context.add(entry.phrase.places, vocabulary, sound=lexicon.sound)
                if entry.role == "lookalike":
                    context_of[number] |= mask
                self._roles.append((entry.role, number))
        self._context_bits = (1 << context.size) - 1
        self._danger = danger = Phrases(context.size)
        self._findings: list[tuple[int, int, int, Finding]] = []
        self._danger_of: list[int] = []
        self._deniable_of: list[int] = []
        fillers: list[tuple[Lexicon, int]] = []
        for number, lexicon in enumerate(lexicons):
            mine = deniable = 0
            for entry in lexicon.danger:
                mask = danger.add(entry.phrase.places, vocabulary, sound=lexicon.sound)
                mine |= mask
                # A phrase that holds a negation itself (`not let me out`) is not undone by one.
                if not any(word.text in lexicon.negations for place in entry.phrase.places for word in place.words):
                    deniable |= mask
                finding = Finding(entry.level, entry.kind, entry.phrase.text, lexicon.language)
                rank = 2 if entry.level == "case" else 1
                self._findings.append((rank, -KINDS.index(entry.kind), len(entry.phrase.places), finding))
            self._danger_of.append(mine)
            self._deniable_of.append(deniable)
            fillers.append((lexicon, mine | context_of[number]))
        self._danger_bits = sum(self._danger_of)
        self._lookalikes = sum(context_of)
        # Fillers need a bit of their own per language, so that they are met in any spelling, like all words.
        self._filler_first = danger.size
        self._filler_bits = 0
        self._filler_masks: dict[int, int] = {0: 0}
        self._filler_of: dict[int, int] = {}
        for number, (lexicon, mask) in enumerate(fillers):
            bit = 1 << (self._filler_first + number)
            self._filler_bits |= bit
            self._filler_of[number] = mask
            for text in lexicon.fillers:
                vocabulary.add(Word(text, "whole", exact=True), bit, sound=lexicon.sound)
            for text in lexicon.ordinary:
                vocabulary.add_ordinary(text)
        vocabulary.finish()
        self._effects: dict[int, _Effects] = {}

    def check(self, text: str) -> Finding:
        masks = self._vocabulary.masks(text)
        skips = [0 if mask is None else self._skip(mask >> self._filler_first) for mask in masks]
        supposed, denied, harmless, plea = self._apply_context(masks, skips)
        told = self._found(masks, skips)
        softened = 0
        if supposed or denied:
            bare = list(masks)
            for at, mask in (*supposed.items(), *denied.items()):
                bare[at] &= ~mask  # type: ignore[operator]
            softened = told
            told = self._found(bare, skips)
            softened &= ~told
        best = self._best(told, softened, harmless, plea)
        if best is None:
            size = sum(1 for mask in masks if mask is not None) - 2
            return _BARE_CALL if plea and size <= BARE_CALL_WORDS and not harmless else NOTHING
        return best

    def _skip(self, fillers: int) -> int:
        if fillers not in self._filler_masks:
            self._filler_masks[fillers] = sum(self._filler_of[number] for number in bits(fillers))
        return self._filler_masks[fillers]

    def _found(self, masks: Sequence[int | None], skips: Sequence[int]) -> int:
        found = 0
        for taken in self._danger.forward(masks, skips):
            found |= taken
        return found & self._danger.ends

    def _apply_context(
        self, masks: list[int | None], skips: Sequence[int]
    ) -> tuple[dict[int, int], dict[int, int], bool, bool]:
        """Takes the words of look-alikes out of `masks` and says which words are supposed or denied, for which bits."""
        only = [mask if mask is None else mask & self._context_bits for mask in masks]
        supposed: dict[int, int] = {}
        denied: dict[int, int] = {}
        harmless = plea = False
        if not any(only):
            return supposed, denied, harmless, plea
        taken = self._context.forward(only, skips)
        ends, last = self._context.ends, len(masks) - 1
        eaten = False
        for at, mask in enumerate(taken):
            if not mask & ends:
                continue
            eaten = eaten or bool(mask & ends & self._lookalikes)
            effects = self._effects_of(mask & ends)
            harmless, plea = harmless or effects.harmless, plea or effects.plea
            for mask_, reach, into in (
                (effects.after, NEGATION_REACH, denied),
                (effects.supposed, QUESTION_REACH, supposed),
                (effects.before, -NEGATION_REACH, denied),
            ):
                if mask_:
                    step = 1 if reach > 0 else -1
                    for there in range(at + step, at + reach + step, step):
                        if not 0 <= there <= last or masks[there] is None:
                            break
                        into[there] = into.get(there, 0) | mask_
        if eaten:
            for at, mask in enumerate(self._context.used([mask & self._lookalikes for mask in taken])):
                if mask and masks[at] is not None:
                    masks[at] &= ~self._danger_bits  # type: ignore[operator]
        return supposed, denied, harmless, plea

    def _effects_of(self, ends: int) -> _Effects:
        """Worked out once for each combination that occurs."""
        if ends not in self._effects:
            if len(self._effects) > 5_000:
                self._effects.clear()
            before = after = supposed = 0
            harmless = plea = False
            for bit in bits(ends):
                role, number = self._roles[self._context.owners[bit]]
                after |= self._deniable_of[number] if role == "negation" else 0
                before |= self._deniable_of[number] if role == "negation_after" else 0
                supposed |= self._danger_of[number] if role == "question" else 0
                harmless, plea = harmless or role == "harmless", plea or role == "plea"
            self._effects[ends] = _Effects(before, after, supposed, harmless, plea)
        return self._effects[ends]

    def _best(self, told: int, softened: int, harmless: bool, plea: bool) -> Finding | None:
        best: tuple[int, int, int, Finding] | None = None
        for found, lower in ((told, int(harmless)), (softened, 1 + int(harmless))):
            for bit in bits(found):
                rank, kind, size, finding = self._findings[self._danger.owners[bit]]
                rank -= lower
                if rank > 0 and (best is None or (rank, kind, size) > best[:3]):
                    best = (rank, kind, size, finding)
        if best is None:
            return None
        rank, finding = best[0], best[3]
        if plea and not harmless and rank == 1 and finding.level == "check":
            rank = 2  # she tells of a danger in doubtful words and asks for help: no more doubt
        return Finding("case" if rank == 2 else "check", finding.kind, finding.phrase, finding.language)
