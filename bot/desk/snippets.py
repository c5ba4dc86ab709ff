"""What a caseworker can write to her with one click, in her language: sentences of the catalogs that give nothing away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import people
from bot.store.models import Case, Person

if TYPE_CHECKING:
    from bot.desk.desk import Visit

KEYS = ("reply_person", "reply_safe", "reply_where", "reply_later")


def snippets(visit: Visit, case: Case, person: Person) -> list[str]:
    """The sentences, and the emergency numbers of where she is."""
    knowledge, language = visit.desk.knowledge, person.language or case.language
    found = [knowledge.phrase(key, language) for key in KEYS]
    country = people.whereabouts(person)
    numbers = visit.desk.world.cases.announcing.replies.emergency_numbers(country)
    if country and numbers:
        place = knowledge.country_name(country, language)
        found.append(knowledge.phrase("emergency_numbers", language, numbers=numbers, country=place))
    return found
