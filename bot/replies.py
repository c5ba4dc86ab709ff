"""Turns what an action handed back into the message that she reads, in her language and for her channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import Locale
from sqlalchemy.ext.asyncio import AsyncSession

from bot import hiding, people
from bot.deliveries import put
from bot.knowledge import Answer, Knowledge, Money, Route
from bot.knowledge.digits import LATIN
from bot.knowledge.draft import Stage
from bot.messages import Choice, Outbound
from bot.segments import count, plain
from bot.sms_rules import SmsRules
from bot.store.crypto import Vault
from bot.store.models import InboundRow, Person
from bot.turn import Step

HARMLESS = "hidden"
"""What the one reply is that a HIDE itself gets."""

MOST_CHOICES = 4

WAIT_IS_TRUE = timedelta(minutes=30)
"""How long "I will send the answer as soon as I can" is worth sending."""

MOST_SEGMENTS = 3
"""SMS that a page may cost her."""


class Replies:
    """Composes messages out of the knowledge."""

    def __init__(self, vault: Vault, knowledge: Knowledge, *, by_sms: frozenset[str], telegram: bool = False) -> None:
        """by_sms: names of the channels that send SMS. telegram: whether she could write by Telegram too."""
        self._vault, self.knowledge, self._by_sms, self._telegram = vault, knowledge, by_sms, telegram
        self.sms_rules = SmsRules(knowledge)
        self._hide_words: tuple[object, frozenset[str]] | None = None

    def phrase(self, key: str, person: Person, **values: Any) -> str:
        """One sentence in her language; see `Step` for the values that become names or numbers."""
        language = person.language or "en"
        filled = {"partner": self.knowledge.operator.name, **values}
        return self.knowledge.phrase(key, language, **{k: self._value(v, language) for k, v in filled.items()})

    def hide_words(self) -> frozenset[str]:
        """The words that alone mean HIDE, in every language, in lower case."""
        served = self.knowledge.languages
        if self._hide_words is None or self._hide_words[0] != served:
            lists = (self.knowledge.phrase("hide_words", language) for language in served)
            self._hide_words = served, frozenset(w.strip().casefold() for words in lists for w in words.split(","))
        return self._hide_words[1]

    def compose(self, step: Step, person: Person, *, paged: bool) -> Outbound | None:
        """The message for a step, after its effects have been noted at `person`; None when it says nothing.

        paged: one page of an answer at a time.
        """
        texts: list[str] = []
        choices: list[Choice] = []
        strong: list[str] = []
        quiet: list[str] = []
        for reply in step.replies:
            if "phrase" in reply:
                texts.append(self.phrase(reply["phrase"], person, **reply.get("values", {})))
                continue
            page = int(reply.get("page", 1))
            ask = person.topic or {}
            answer = self.answer(
                person, str(reply.get("answer") or ask.get("topic")), reply.get("asked", ask.get("asked"))
            )
            pages = answer.pages[page - 1 :] if not paged else answer.pages[page - 1 : page]
            texts.extend(pages or [self.phrase("no_more", person)])
            if paged and len(answer.pages) > page:
                choices.append(Choice(self.phrase("choice_more", person), "more"))
            if page == 1:
                choices.extend(answer.choices)
                strong.append(answer.lead)
            quiet.extend(text for text, _ in answer.frame)
        if step.effects.get("route_told") and any("answer" in r for r in step.replies):
            texts.extend(self._assumption(person))
        if step.choices:
            choices = [Choice(self._label(label, person), payload) for label, payload in step.choices]
        elif step.effects.get("pending"):
            choices = [c for c in choices if c.payload == "more"]  # she was asked something: one thing at a time
        if not texts:
            return None
        message = Outbound(
            "\n\n".join(texts), tuple(choices[:MOST_CHOICES]), strong=tuple(filter(None, strong)), quiet=tuple(quiet)
        )
        message = self.permitted(message, person)
        return _affordable(message) if paged and not step.choices else message

    def permitted(self, message: Outbound, person: Person) -> Outbound:
        """The message as it may go to her: what her country does not let pass by SMS is left out, and she is told so.

        For everything that is sent to her, once or more often. Choices are our own words and stay.
        """
        if person.channel not in self._by_sms:
            return message
        text = self.sms_rules.allowed_text(person.phone_country, message.text)
        if text == message.text:
            return message
        notice = [self.phrase("sms_left_out", person, country=f"country:{person.phone_country}")]
        if self._telegram:
            notice.append(self.phrase("sms_left_out_telegram", person))
        while len(notice) > 1 and count(plain(" ".join([text, *notice]))).segments > MOST_SEGMENTS:
            notice.pop()
        return replace(message, text=" ".join([text, *notice]))

    def answer(self, person: Person, topic: str, asked: dict[str, Any] | None) -> Answer:
        """The answer to a question, for her route."""
        stage: Stage | None = "there" if person.phone_country and person.phone_country == person.destination else None
        route = Route(person.origin, person.destination)
        zero = (person.topic or {}).get("digits", LATIN)
        return self.knowledge.answer(topic, route, person.language or "en", stage=stage, asked=money(asked), zero=zero)

    async def reopen(self, session: AsyncSession, person: Person) -> None:
        """She asks again after she has hidden the talk: see `hiding.reopen`."""
        await hiding.reopen(session, self._vault, person)

    def harmless(self, person: Person) -> Outbound:
        """What stands in her phone after HIDE. Where we cannot delete a message, it also tells her how she can."""
        text = self.phrase("hide", person)
        return Outbound(f"{text} {self.phrase('hide_tip', person)}" if person.channel in self._by_sms else text)

    def waiting(self, person: Person) -> Outbound:
        """That the answer takes time, with the emergency numbers of where she is."""
        text = self.phrase("dialogue_down", person)
        country = people.whereabouts(person)
        if numbers := self.emergency_numbers(country):
            text += " " + self.phrase("dialogue_down_emergency", person, numbers=numbers, country=f"country:{country}")
        return Outbound(text, valid_for=WAIT_IS_TRUE.total_seconds())

    def put(
        self,
        session: AsyncSession,
        person: Person,
        row: InboundRow,
        message: Outbound,
        *,
        urgent: bool = False,
        what: str = "reply",
    ) -> None:
        """Into the outbox, in the caller's transaction: the reply to a message. what: one delivery of each for a message.

        An answer to what she wrote before she hid the talk is held.
        """
        if urgent and message.choices:
            person.choices = [[c.label, c.payload] for c in message.choices]
        put(
            session,
            self._vault,
            key=f"in:{row.id}:{what}",
            lane=f"{person.channel}:{person.id}",
            channel=person.channel,
            address=person.address_sealed,
            message=self.permitted(message, person),
            urgent=urgent,
            person_id=person.id,
            inbound_id=row.id,
            held=what != HARMLESS and hiding.before(person, row.received_at),
        )

    def emergency_numbers(self, country: str | None) -> str:
        """The emergency numbers of a country, `999` or `112 / 110`; empty when none is known."""
        if not country:
            return ""
        return " / ".join(
            dict.fromkeys(phone for contact in self.knowledge.emergency(country) for phone in contact.phones)
        )

    def _assumption(self, person: Person) -> list[str]:
        if person.origin_said and person.destination_said:
            return []
        if person.destination_said and person.origin == person.phone_country:
            return []  # her own number says it
        said = person.origin_said or person.destination_said
        origin, destination = f"country:{person.origin}", f"country:{person.destination}"
        if not said:
            return [self.phrase("route_assumed", person, origin=origin, destination=destination)]
        if person.origin_said:
            return [self.phrase("route_assumed_destination", person, destination=destination)]
        return [self.phrase("route_assumed_origin", person, origin=origin)]

    def _label(self, label: str, person: Person) -> str:
        tag = label.removeprefix("language:")
        return autonym(tag) if tag != label else self.phrase(label, person)

    def _value(self, value: Any, language: str) -> Any:
        if not isinstance(value, str):
            return value
        kind, _, rest = value.partition(":")
        if kind == "country" and rest:
            return self.knowledge.country_name(rest, language)
        if kind == "emergency" and rest:
            return self.emergency_numbers(rest)
        if value == "languages:":
            return ", ".join(autonym(tag) for tag in self.knowledge.languages)
        return value


def _affordable(message: Outbound) -> Outbound:
    """Without the follow-up questions that would make the SMS longer than `MOST_SEGMENTS`; "more" stays."""
    choices = list(message.choices)
    while choices and choices[-1].payload != "more" and _segments(message.text, choices) > MOST_SEGMENTS:
        choices.pop()
    return replace(message, choices=tuple(choices))


def _segments(text: str, choices: list[Choice]) -> int:
    return count(plain("\n".join([text, *(f"{n} {c.label}" for n, c in enumerate(choices, start=1))]))).segments


def autonym(tag: str) -> str:
    """A language's name in itself, as CLDR has it."""
    name = Locale.parse(tag).language_name or tag
    return name[:1].upper() + name[1:]


def money(asked: dict[str, Any] | None) -> Money | None:
    if not asked:
        return None
    try:
        return Money(Decimal(str(asked["amount"])), asked.get("currency"), tuple(asked.get("may_be", ())))
    except (KeyError, InvalidOperation):
        return None
