"""What she writes in a row is read together: five short messages are one question, and get one answer.

The first message is answered at once. When another follows within the pause, she is still writing: what comes is held back
until she has been silent that long, and is then read as one text. Calls for help wait for nothing: they never get here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

TOGETHER = 10
"""Messages that are read as one, at most."""

LONGEST = timedelta(seconds=8)
"""How long the first of them is held back, at most."""

APART = timedelta(seconds=15)
"""Messages that wait for other reasons, and were written further apart than this, are questions of their own."""


def together(
    times: Sequence[datetime], words: Sequence[bool], before: datetime | None, pause: timedelta, moment: datetime
) -> tuple[int, datetime]:
    """How many of her waiting messages are read as one, and from when.

    times: when each came, in order. words: whether it is plain text; a pressed button or a picked number is answered alone.
    before: when the message before these came. pause: zero reads each alone, at once. moment: the present one.
    """
    if not pause or not words[0]:
        return 1, moment
    number = 1
    while number < min(len(times), TOGETHER) and words[number] and times[number] - times[number - 1] <= APART:
        number += 1
    complete = number == TOGETHER or number < len(times)
    writing = number > 1 or (before is not None and times[0] - before <= pause)
    if complete or not writing:
        return number, moment
    # Providers' clocks may be ahead of ours: nothing waits longer than it would from now on.
    return number, min(times[number - 1] + pause, times[0] + LONGEST, moment + pause)
