"""Calls for help: cases, the partners that answer them, and everything between both."""

from bot.cases.actors import KASAMA, OPERATOR, SHE, Actor
from bot.cases.addresses import Inbox
from bot.cases.announcing import printable
from bot.cases.room import CaseRoom
from bot.cases.timeline import note_delivery
from bot.cases.work import CaseRefused, CaseWork

__all__ = [
    "KASAMA", "OPERATOR", "SHE", "Actor", "CaseRefused", "CaseRoom", "CaseWork", "Inbox", "note_delivery", "printable",
]  # fmt: skip
