"""The knowledge in service: loads `content/`, keeps the last good version while a file is broken, answers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import phonenumbers

from bot.knowledge import answers, first_reply
from bot.knowledge.answers import Answer, Route
from bot.knowledge.contacts import dialable, emergency, instead, written
from bot.knowledge.digits import LATIN
from bot.knowledge.draft import Draft, Money, Stage
from bot.knowledge.extracting import ALL
from bot.knowledge.i18n import Catalogs, alpha3_table
from bot.knowledge.loading import FOLDERS, Content, ContentError, Loaded, assemble, load_file
from bot.knowledge.schema import Contact, Partner
from bot.knowledge.snapshot import Snapshot, take
from bot.knowledge.topics.fees import band
from bot.knowledge.yamlfile import Problem

KEPT_ANSWERS = 4096


class Knowledge:
    """Facts, sentences and answers. All methods may be called from any thread; a reload swaps everything at once."""

    def __init__(self, folder: Path, *, today: Callable[[], date] = date.today) -> None:
        """Load `folder` (content/). At a start there is no last good version, so broken files are left out and `problems`
        names them: a service for women in danger must start. Raises `ContentError` when what is left cannot stand."""
        self._folder, self._today = Path(folder), today
        self._files: dict[Path, Loaded] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._catalogs: Catalogs | None = None
        self.problems: tuple[Problem, ...] = ()
        if not self._folder.is_dir():
            raise ContentError(
                [
                    Problem(
                        str(folder),
                        1,
                        "there is no such folder; set KASAMA_CONTENT to the folder with countries, corridors …",
                    )
                ]
            )
        problems = self._load()
        if problems:
            if rest := self._load(without={problem.file for problem in problems}):
                raise ContentError(dict.fromkeys([*problems, *rest]))
            self.problems = tuple(problems)

    # Loading

    def reload_if_changed(self) -> bool:
        """Take in changed files. True when a new version is in service; on errors the last good one stays and
        `problems` says why."""
        if self._look() == self._stamps:
            return False
        problems = self._load()
        self.problems = tuple(problems)
        return not problems

    def _paths(self) -> list[Path]:
        found = [path for name in FOLDERS for path in sorted((self._folder / name).glob("*.yml"))]
        return found + sorted((self._folder / "locale").glob("*/LC_MESSAGES/kasama.po"))

    def _look(self) -> dict[Path, tuple[int, int]]:
        stamps = {}
        for path in self._paths():
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            stamps[path] = (status.st_mtime_ns, status.st_size)
        return stamps

    def _load(self, without: Collection[str] = ()) -> list[Problem]:
        """Load and swap; problems instead when there are any. without: files as problems name them, left out."""
        stamps = self._look()
        files: dict[Path, Loaded] = {}
        for path, stamp in stamps.items():
            if path.suffix != ".yml" or path.relative_to(self._folder.parent).as_posix() in without:
                continue
            known = self._files.get(path)
            files[path] = (
                known if known and known.stamp == stamp else load_file(self._folder, path, FOLDERS[path.parent.name])
            )
        problems = [problem for loaded in files.values() for problem in loaded.problems]
        content, between = assemble(files.values())
        problems.extend(between)
        if "operator" not in content.partners and not problems:
            where = f"{self._folder.name}/partners/operator.yml"
            problems.append(
                Problem(
                    where, 1, "is missing; it names the organisation that answers calls for help (id, name, languages)"
                )
            )
        catalogs = self._catalogs = Catalogs(ALL, self._folder / "locale", self._catalogs)
        problems.extend(problem for problem in catalogs.problems if problem.file not in without)
        self._stamps = stamps
        if problems:
            return problems
        self._files = files
        self._swap(content, catalogs)
        return []

    def _swap(self, content: Content, catalogs: Catalogs) -> None:
        snapshot = take(content, catalogs)

        @lru_cache(maxsize=KEPT_ANSWERS)
        def composed(
            topic: str, route: Route, language: str, stage: Stage | None, asked: Money | None, today: date, zero: str
        ) -> Answer:
            return answers.compose(snapshot, topic, route, language, stage, asked, today, zero)

        self._snapshot, self._composed = snapshot, composed

    @property
    def snapshot(self) -> Snapshot:
        """The version in service."""
        return self._snapshot

    def files(self) -> tuple[Loaded, ...]:
        """The files of the version in service, with the lines of their parts."""
        return tuple(self._files.values())

    # Answers

    def answer(
        self,
        topic: str,
        route: Route,
        language: str,
        *,
        stage: Stage | None = None,
        asked: Money | None = None,
        zero: str = LATIN,
    ) -> Answer:
        """The answer to a question. topic: one of `bot.topics.TOPICS`; a language without catalog is answered in English.

        zero: the digits that she writes with, see `bot.knowledge.digits`.
        """
        return self._composed(topic, route, language, stage, asked, self._today(), zero)

    def fee_band(self, route: Route, asked: Money) -> str:
        """How an amount that somebody asks of her compares with what may be taken: one of `bot.knowledge.topics.fees.BANDS`."""
        draft = Draft(
            self._snapshot, route.origin, route.destination, self._snapshot.speaker("en"), None, asked, self._today()
        )
        return band(draft)

    def phrase(self, key: str, language: str, /, **values: Any) -> str:
        """A sentence of the dialogue, filled in. Raises `KeyError` for a key that does not exist."""
        if values.get("partner") == self.operator.name:
            values["partner"] = self.operator.named(language)
        return self._snapshot.catalogs.text(key, language, values)

    def first_reply(
        self, kind: str, language: str, *, country: str | None, partner: str, origin: str | None = None
    ) -> str:
        """What she reads at once after a call for help. country: where she is, if known. origin: where she is from."""
        if partner == self.operator.name:
            partner = self.operator.named(language)
        contacts = emergency(self._snapshot, country, kind)
        numbers = list(dict.fromkeys(phone for contact in contacts for phone in contact.phones))
        s = self._snapshot.speaker(language)
        helper = None if numbers else instead(self._snapshot, country, origin)
        contact = written(helper, s, "inside", short=True) if helper else ""
        call = helper is not None and bool(dialable(helper, "inside"))
        return first_reply.words(s, kind, partner, numbers, contact, call=call)

    def emergency(self, country: str | None) -> tuple[Contact, ...]:
        """National emergency numbers."""
        return emergency(self._snapshot, country)

    # Countries and languages

    @property
    def languages(self) -> tuple[str, ...]:
        """Language tags that answers can be given in, English first."""
        return self._snapshot.catalogs.languages

    @property
    def operator(self) -> Partner:
        """The partner that operates the service."""
        return self._snapshot.content.partners["operator"]

    def country_name(self, code: str, language: str) -> str:
        """A country as she says it."""
        return self._snapshot.speaker(language).country(code)

    def is_origin(self, code: str) -> bool:
        """Whether women leave from there, as far as the content goes."""
        found = self._snapshot.country(code)
        return found is not None and "origin" in found.roles

    def is_destination(self, code: str) -> bool:
        """Whether women go there, as far as the content goes."""
        found = self._snapshot.country(code)
        return found is not None and "destination" in found.roles

    def country_for_phone(self, phone: str) -> str | None:
        """The country (alpha-3) of a number in E.164 form, of any country; None for what is no number."""
        try:
            region = phonenumbers.region_code_for_number(phonenumbers.parse(phone, None))
        except phonenumbers.NumberParseException:
            return None
        return _alpha3(region) if region else None

    def route_suggestion(self, phone_country: str | None, language: str) -> Route:
        """What her number and language suggest, only where the content says so."""
        origin = destination = None
        for code, file in sorted(self._snapshot.content.countries.items()):
            if code == phone_country:
                side = file.phone_suggests or (file.roles[0] if len(set(file.roles)) == 1 else None)
                origin = code if side == "origin" else origin
                destination = code if side == "destination" else destination
        if origin is None:
            speakers = [
                c for c, file in self._snapshot.content.countries.items() if language in file.suggested_by_language
            ]
            origin = speakers[0] if len(speakers) == 1 else None
        return Route(origin, destination if destination != origin else None)

    def check(self) -> list[Problem]:
        """Everything that is wrong with the content folder as it stands on disk, warnings included."""
        from bot.knowledge.checking import check

        return check(self._folder, self._today())


@lru_cache(maxsize=512)
def _alpha3(region: str) -> str | None:
    return next((three for three, two in alpha3_table().items() if two == region), None)


__all__ = ["Answer", "ContentError", "Knowledge", "Money", "Problem", "Route"]
