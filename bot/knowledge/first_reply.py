"""The first reply to a call for help: believe, say who has it now, ask whether she is safe, the emergency number, how
to hide."""

from __future__ import annotations

from collections.abc import Sequence

from bot.knowledge.speaking import Speaker


def words(s: Speaker, kind: str, partner: str, numbers: Sequence[str], contact: str = "", *, call: bool = False) -> str:
    """The whole reply. kind: as the safety check names it. numbers: emergency numbers of her country, empty when not
    known. contact: who else may help her there, as it is written; empty when nobody is known. call: whether it has a number."""
    opening = {"selfharm": "first_selfharm", "medical": "first_medical"}.get(kind, "first_believe")
    parts = [s.t(opening), s.t("first_passed", partner=partner), s.t("first_next")]
    if kind in ("selfharm", "medical"):
        parts.append(s.t(f"first_{kind}_now"))
    parts.append(s.t("first_safe_question"))
    if numbers:
        parts.append(
            s.t("first_emergency_medical" if kind == "medical" else "first_emergency", numbers=" / ".join(numbers))
        )
        parts.append(s.t("first_choice"))
    else:
        parts.append(s.t("first_emergency_unknown"))
        if contact:
            parts.append(s.t("first_contact", contact=contact))
        if call:
            parts.append(s.t("first_choice"))
    parts.append(s.t("first_hide"))
    return " ".join(parts)
