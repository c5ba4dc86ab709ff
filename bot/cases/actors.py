"""Who did something to a case: a person at a partner, she herself, or Kasama."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts on a case.

    partner: id of the partner; empty for her and for Kasama. who: a name or role, never a number or address.
    how: the way it was done: desk, terminal, sms, telegram, email, link, webhook.
    """

    partner: str
    who: str
    how: str

    def __str__(self) -> str:
        """As the timeline has it: `mission_hk: Maria (desk)`."""
        name = f"{self.partner}: {self.who}" if self.partner and self.who else self.partner or self.who
        return (f"{name} ({self.how})" if self.how else name)[:120]


SHE = Actor("", "she", "")
KASAMA = Actor("", "kasama", "")
OPERATOR = "operator"
"""Id of the partner that operates the service: it gets every call and sees every case."""
