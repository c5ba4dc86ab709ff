"""The first reply to a call for help. It says nothing of what she told, so that nobody who looks at her phone learns it."""

from __future__ import annotations

SENTENCES: dict[str, str | tuple[str, str]] = {
    "first_believe": "I believe you. It is not your fault. You are not alone.",
    "first_passed": "I have passed your message to {partner} now.",
    "first_next": "A person there reads it. I cannot promise when.",
    "first_selfharm": "I am glad that you wrote. You matter, and this pain can get less. You are not alone.",
    "first_selfharm_now": "Please stay near somebody you trust, and away from what could harm you.",
    "first_medical": "Your health comes first. You need nobody's permission to get help.",
    "first_medical_now": "Lie or sit down somewhere safe, and do not stay alone if you can.",
    "first_safe_question": "Are you safe at this moment?",
    "first_emergency": "In danger now: {numbers}.",
    "first_emergency_medical": "Ambulance: {numbers}.",
    "first_emergency_unknown": "In danger now: the emergency number of the place where you are.",
    # After the sentence before; {contact} is a name with its number or web page
    "first_contact": "You can also turn to {contact}.",
    "first_choice": "Whether you call is your choice.",
    "first_hide": "To hide this chat send 0.",
}
