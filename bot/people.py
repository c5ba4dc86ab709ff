"""Who writes: found or made by channel and address; what the dialogue must remember of her."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.deeplink import DeepLink
from bot.knowledge import Knowledge
from bot.language import LanguageModel
from bot.messages import Inbound
from bot.store.crypto import Vault
from bot.store.models import Person, now

SURE = 0.85
"""Probability from which a message changes the language of a conversation that has one."""

LIKELY = 0.6
"""Probability from which a short first message is answered in its language."""

LETTERS = 10
"""A shorter message says too little of its language to change it: "ok", "salam", a name."""


async def find_or_make(session: AsyncSession, vault: Vault, knowledge: Knowledge, inbound: Inbound) -> Person:
    """The person behind an inbound message; a new one gets the route that her phone number suggests."""
    person = await known(session, vault, inbound.channel, inbound.address, lock=True)
    if person is None:
        phone = inbound.address.removeprefix("whatsapp:").split("~")[0]
        person = Person(
            id=uuid.uuid4().hex,
            mark=vault.mark(inbound.channel, inbound.address),
            channel=inbound.channel,
            address_sealed=vault.seal(inbound.address),
            phone_country=knowledge.country_for_phone(phone) if phone.startswith("+") else None,
            origin_said=False,
            destination_said=False,
            language_chosen=False,
            choices=[],
            fallbacks=0,
            page=0,
            route_asked=False,
            route_told=False,
            greeted=False,
            stopped=False,
        )
        session.add(person)
    person.wrote_at = now()
    return person


async def known(
    session: AsyncSession, vault: Vault, channel: str, address: str, *, lock: bool = False
) -> Person | None:
    """The person behind an address, if she has written before and not had herself deleted.

    lock: until the transaction ends, so that two messages of hers, stored by two replicas, open one case.
    """
    marks = vault.marks(channel, address)
    found = select(Person).where(Person.mark.in_(marks)).order_by(Person.created_at, Person.id).limit(1)
    if lock:
        found = found.with_for_update()
    return (await session.execute(found)).scalar_one_or_none()


def settle_language(person: Person, text: str, hint: str | None, model: LanguageModel, knowledge: Knowledge) -> str:
    """The language to write to her in, from this message and what is known; noted at the person.

    A language that she chose stays until she chooses another. hint: what the provider reports or the safety check found.
    """
    served = knowledge.languages
    hint = _served(hint, served)
    if person.language_chosen and person.language in served:
        return str(person.language)
    ranked = model.identify(text, {person.language: 0.7} if person.language else None)
    # What is most likely a language without a catalog is not the nearest one that has one.
    guesses = {tag: p for tag, p in ranked if tag in served} if ranked[0][0] in served else {}
    letters = sum(c.isalpha() for c in text)
    best = max(guesses, key=lambda tag: guesses[tag]) if guesses and letters else None
    if person.language in served:
        if best and best != person.language and guesses[best] >= SURE and letters >= LETTERS:
            person.language = best
        return str(person.language)
    if best and (letters >= LETTERS or guesses[best] >= SURE):
        person.language = best
    elif hint in served:
        person.language = hint
    else:  # a longer message corrects it
        person.language = best if best and guesses[best] >= LIKELY else "en"
    return str(person.language)


def _served(tag: str | None, served: Sequence[str]) -> str | None:
    """The language of ours that a tag of a provider stands for: `en-GB` for English, `fil` for Tagalog."""
    language = (tag or "").partition("-")[0].lower()
    language = {"fil": "tl", "in": "id", "mo": "ro"}.get(language, language)
    return language if language in served else None


def introduce(person: Person, link: DeepLink, knowledge: Knowledge) -> None:
    """Take what the link that she came by says of her; what we do not serve is left out."""
    if link.language in knowledge.languages:
        person.language, person.language_chosen = link.language, True
    if link.origin and knowledge.is_origin(link.origin):
        person.origin, person.origin_said = link.origin, True
    if link.destination and knowledge.is_destination(link.destination):
        person.destination, person.destination_said = link.destination, True


def spoken(person: Person, text: str, model: LanguageModel) -> str:
    """The language of a message, also one that nobody is answered in yet."""
    return model.identify(text, {person.language: 0.7} if person.language else None)[0][0]


def suggest_route(person: Person, knowledge: Knowledge) -> None:
    """Fill what she has not said with what her number and language suggest."""
    guess = knowledge.route_suggestion(person.phone_country, person.language or "en")
    if not person.origin:
        person.origin = guess.origin
    if not person.destination and guess.destination != person.origin:
        person.destination = guess.destination


def whereabouts(person: Person) -> str | None:
    """The country whose emergency numbers fit: where she said that she works, else that of her phone, else the likely one."""
    if person.destination_said:
        return person.destination
    return person.phone_country or person.destination
