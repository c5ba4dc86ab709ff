"""What Kasama knows: facts and sentences in `content/`, loaded, checked and composed into answers."""

from __future__ import annotations

from bot.knowledge.answers import Answer, Route
from bot.knowledge.draft import Money
from bot.knowledge.loading import ContentError
from bot.knowledge.schema import Contact, Partner
from bot.knowledge.service import Knowledge
from bot.knowledge.yamlfile import Problem

__all__ = ["Answer", "Contact", "ContentError", "Knowledge", "Money", "Partner", "Problem", "Route"]
