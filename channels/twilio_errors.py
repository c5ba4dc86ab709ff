"""Twilio's error codes, as data: which ones no retry can help. Every code that is not here is tried again.

Twilio refines its codes now and then, so an unknown one must never lose a message.
"""

from __future__ import annotations

OPTED_OUT = 21610
"""She (or the partner) has sent STOP: only START from that phone opens the way again."""

NEVER_AGAIN: dict[int, str] = {
    21211: "the number to send to is not valid",
    21217: "the number to send to does not seem to be valid",
    21265: "the number to send to cannot be a short code",
    21266: "sender and recipient are the same number",
    21268: "the number to send to is a premium number",
    21269: "the number to send to is an information service",
    21408: "sending to this country is not switched on in the Twilio console",
    21602: "the message has no text",
    21604: "there is no number to send to",
    21605: "the text is too long",
    21610: "the recipient has opted out (STOP)",
    21612: "this sender cannot reach this number",
    21614: "the number to send to is not a mobile number",
    21617: "the text is longer than 1600 characters",
    21635: "the number to send to is a landline",
    30004: "the recipient blocks messages from this sender",
    30005: "the number to send to is unknown or no longer in service",
    30006: "the number to send to is a landline or its carrier cannot be reached",
}
"""Code: what it means, for the log and for the partner who has to find another way to her."""


def is_permanent(code: int | str | None) -> bool:
    """Whether trying again is of no use. code: as Twilio reports it, with an API answer or a status callback."""
    try:
        return int(code or 0) in NEVER_AGAIN
    except ValueError:
        return False
