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

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from bot.lexicon import Lexicon, LexiconError, Problem, read_lexicon
from bot.phrase_match import Pattern, Phrases
from bot.spelling import entry_words
from bot.vocabulary import Reading, Vocabulary, Word

KINDS = ("selfharm", "medical", "sexual", "confined", "trafficking", "violence", "threat", "help")
"""Most urgent first."""

NEGATION_REACH = 2
"""Words after a negation that it may speak of."""

QUESTION_REACH = 8
"""Words after `what if` that are supposed and not told."""

BARE_CALL_WORDS = 6
"""A message of at most so many words that asks for help and names nothing is met with the gentle question."""

WORLD_LANGUAGE = "en"
"""Its cries, SOS and rape, stand in messages of every language and are never taken for chance."""

FOREIGN = 2
"""How many times as many words another lexicon must know before a single word counts as met by chance."""

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
        with self._lock, _no_garbage_collection():
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
        # The lexicons live as long as the process: looking through them for garbage would hold a message up for half a second.
        gc.collect()
        gc.freeze()
        for problem in problems:
            log.error("safety lexicon: %s", problem)
        return self.problems

    def check(self, text: str) -> Finding:
        """Checks one message, any string of any length. Never raises for what it holds."""
        return self._matcher.check(text)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A million objects are made that all stay: looking through them again and again takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _denying(negations: frozenset[str]) -> Callable[[tuple[Word, ...]], bool]:
    """Tells whether one of the words is a negation; each group of words, which stands in many phrases, is looked through once."""
    known: dict[int, tuple[bool, tuple[Word, ...]]] = {}

    def denying(words: tuple[Word, ...]) -> bool:
        if (found := known.get(id(words))) is None:  # kept with the answer, so that no other object takes its id
            denies = any(form in negations for word in words for form in entry_words(word.text)[0])
            known[id(words)] = found = denies, words
        return found[0]

    return denying


class _Matcher:
    """The lexicons of all languages as one set of patterns. Made anew at every reload and never changed."""

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self._vocabulary = vocabulary = Vocabulary()
        self._phrases = phrases = Phrases(vocabulary)
        self._dangers: dict[int, _Danger] = {}
        self._contexts: dict[int, tuple[str, int]] = {}
        self._calls: dict[int, Finding] = {}
        self._world = frozenset(n for n, lexicon in enumerate(lexicons) if lexicon.language == WORLD_LANGUAGE)
        for number, lexicon in enumerate(lexicons):
            vocabulary.knows.append(phrases.element(_known_words(lexicon), number, sound=lexicon.sound))
            filler = phrases.element((Word(text, exact=True) for text in lexicon.fillers), number, sound=lexicon.sound)
            denying = _denying(lexicon.negations)
            for context in lexicon.context:
                self._contexts[len(phrases.patterns)] = context.role, number
                if context.role == "call":
                    self._calls[len(phrases.patterns)] = Finding("case", "help", context.phrase.text, lexicon.language)
                phrases.add(context.phrase.places, filler, number, sound=lexicon.sound)
            for danger in lexicon.danger:
                places = danger.phrase.places
                # A phrase that holds a negation itself (`not let me out`) is not undone by one.
                deniable = not any(denying(place.words) for place in places)
                finding = Finding(danger.level, danger.kind, danger.phrase.text, lexicon.language)
                urgency = -KINDS.index(danger.kind), len(places)
                rank = 2 if danger.level == "case" else 1
                self._dangers[len(phrases.patterns)] = _Danger(rank, urgency, finding, number, deniable)
                phrases.add(places, filler, number, sound=lexicon.sound)
            for text in lexicon.ordinary:
                vocabulary.add_ordinary(text)
        order = sorted(self._dangers.items(), key=lambda item: (item[1].rank, item[1].urgency), reverse=True)
        self._order = {number: place for place, (number, _) in enumerate(order)}
        vocabulary.finish()
        phrases.finish()

    def check(self, text: str) -> Finding:
        reading = self._vocabulary.read(text, self._world)
        foreign, leading = self._foreign(reading.known)
        dangers: list[int] = []
        context = _ContextFound()
        calls: list[int] = []
        possible = list(self._phrases.possible(reading.present))
        found = reading.locate(self._phrases.elements(possible))
        for number in possible:
            if number in self._dangers:
                dangers.append(number)
            elif number in self._calls:
                calls.append(number)
            else:
                role, language = self._contexts[number]
                self._note(context, role, language, self._phrases.patterns[number], found)
        # A look-alike speaks for its own language and for that of the message: another's, `beat` of a song, must hide no cry.
        told = 0
        for language in leading:
            told |= context.harmless_words.get(language, 0)
        best: tuple[int, tuple[int, int], Finding] | None = None
        # The most urgent first, so that nothing after the first that is no better need be looked at.
        for number in sorted(dangers, key=self._order.__getitem__):
            danger, pattern = self._dangers[number], self._phrases.patterns[number]
            if best and (danger.rank, danger.urgency) <= best[:2]:
                break
            rank = danger.rank - (danger.language in context.harmless)
            if danger.language in foreign and len(pattern.elements) == 1:
                continue
            passed = context.harmless_words.get(danger.language, 0) | told
            if not pattern.ends(found, passed):
                continue
            if (
                len(pattern.elements) == 1
                and danger.language not in leading
                and not pattern.ends(found, passed | reading.guessed)
            ):
                rank -= 1  # one word, misspelt, in a message of another language: too little to open a case
            doubtful = context.supposed.get(danger.language, 0)
            if danger.deniable:
                doubtful |= context.denied.get(danger.language, 0)
            if doubtful and not pattern.ends(found, passed | doubtful):
                rank -= 1
            if rank > 0 and (best is None or (rank, danger.urgency) > best[:2]):
                best = rank, danger.urgency, danger.finding
        if calls and (best is None or best[0] < 2):
            call = self._nothing_but(calls, reading)
            if call:
                return call
        if best is None:
            bare = context.plea and not context.harmless and reading.size <= BARE_CALL_WORDS
            return _BARE_CALL if bare else NOTHING
        rank, _, finding = best
        if rank == 1 and finding.level == "check" and context.plea and not context.harmless:
            rank = 2  # she tells of a danger in doubtful words and asks for help: no more doubt
        return replace(finding, level="case" if rank == 2 else "check")

    def _foreign(self, known: Sequence[int]) -> tuple[set[int], set[int]]:
        """Numbers of the lexicons whose words stand in a message by chance, and of those that know most of its words.

        Romanised words of one language are often harmless words of another. Two words and more of a phrase
        hardly meet by chance, one word does.
        """
        most = max(known, default=0)
        foreign = {n for n, count in enumerate(known) if most > FOREIGN * count and n not in self._world}
        return foreign, {n for n, count in enumerate(known) if count == most}

    def _nothing_but(self, calls: Sequence[int], reading: Reading) -> Finding | None:
        """The call for help that a message consists of, perhaps more than once, politely or in two languages."""
        said = 0
        for number in calls:
            pattern = self._phrases.patterns[number]
            said |= pattern.covers(reading.found) | reading.found.get(pattern.filler, 0)
        return self._calls[calls[0]] if reading.taken & ~said == 0 else None

    @staticmethod
    def _note(context: _ContextFound, role: str, language: int, pattern: Pattern, found: dict[int, int]) -> None:
        """Adds what one context phrase says, if it occurs."""
        ends = pattern.ends(found)
        if not ends:
            return
        match role:
            case "lookalike":
                context.harmless_words[language] = context.harmless_words.get(language, 0) | pattern.covers(found)
            case "harmless":
                context.harmless.add(language)
            case "plea":
                context.plea = True
            case "negation":
                context.denied[language] = context.denied.get(language, 0) | _spread(ends, NEGATION_REACH)
            case "negation_after":
                before = _spread(ends >> (NEGATION_REACH + 1), NEGATION_REACH)
                context.denied[language] = context.denied.get(language, 0) | before
            case "question":
                context.supposed[language] = context.supposed.get(language, 0) | _spread(ends, QUESTION_REACH)


def _known_words(lexicon: Lexicon) -> set[Word]:
    """The words by which a lexicon recognises its language."""
    phrases = [*(danger.phrase for danger in lexicon.danger), *(context.phrase for context in lexicon.context)]
    used = {word for phrase in phrases for place in phrase.places for word in place.words if word.form == "whole"}
    told = {Word(text, exact=True) for text in (*lexicon.fillers, *lexicon.ordinary)}
    return {word for word in used if word.text not in ("^", "$", "#")} | told


@dataclass(frozen=True, slots=True)
class _Danger:
    """A phrase of danger. `urgency` compares phrases of one rank; `language` numbers the lexicon."""

    rank: int
    urgency: tuple[int, int]
    finding: Finding
    language: int
    deniable: bool


@dataclass(slots=True)
class _ContextFound:
    """What stands around the danger in one message: positions as bits, per lexicon where it matters."""

    harmless_words: dict[int, int] = field(default_factory=dict)
    denied: dict[int, int] = field(default_factory=dict)
    supposed: dict[int, int] = field(default_factory=dict)
    harmless: set[int] = field(default_factory=set)
    plea: bool = False


def _spread(positions: int, reach: int) -> int:
    """The `reach` positions after each of the positions."""
    out = 0
    for step in range(1, reach + 1):
        out |= positions << step
    return out
