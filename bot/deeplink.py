"""What a link to a bot can say of her before she has written a word: her language and her route.

A partner prints it as a QR picture. As text it is `tl_PHL_HKG`: language, origin, destination, each of which may be left out
(`tl`, `_PHL_HKG`). Telegram allows 64 letters, digits, `_` and `-` there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"([a-z]{2,3})?(?:_([A-Z]{3})?(?:_([A-Z]{3})?)?)?")


@dataclass(frozen=True, slots=True)
class DeepLink:
    """language: a tag as the catalogs have it; origin, destination: ISO 3166 alpha-3. None: not said."""

    language: str | None = None
    origin: str | None = None
    destination: str | None = None

    @classmethod
    def parse(cls, text: str) -> DeepLink | None:
        """Out of its text; None when it says nothing or is of another shape. Whether we serve it is not looked at."""
        found = _FORM.fullmatch(text)
        return cls(*found.groups()) if found and any(found.groups()) else None

    @property
    def text(self) -> str:
        """The text to put into a link."""
        return f"{self.language or ''}_{self.origin or ''}_{self.destination or ''}".rstrip("_")
