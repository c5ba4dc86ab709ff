"""Whether the domain is empty is asked once, not for every message.

Stock turns the whole domain into a dictionary, makes an empty domain, turns that into one too and compares them, for
every message. A server never changes a domain after it has loaded it.
"""

from __future__ import annotations

from rasa.shared.core.domain import Domain


def apply() -> None:
    """Put it in place."""
    stock = Domain.is_empty

    def is_empty(self: Domain) -> bool:
        if "_kasama_is_empty" not in self.__dict__:
            self._kasama_is_empty = stock(self)
        return bool(self._kasama_is_empty)

    Domain.is_empty = is_empty
