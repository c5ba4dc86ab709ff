"""The topics of INTENTS, in the order in which menus offer them."""

TOPICS: tuple[str, ...] = (
    "ask_fees", "ask_contract", "ask_wages", "ask_working_time", "ask_documents", "ask_contacts", "ask_rights", "ask_agency",
    "ask_complaint", "ask_leaving", "ask_health", "ask_living", "ask_status", "ask_predeparture", "ask_remittance", "ask_return",
)  # fmt: skip


def label(topic: str) -> str:
    """The phrase key of a topic's name in menus."""
    return "topic_" + topic.removeprefix("ask_")
