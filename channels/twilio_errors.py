"""Twilio's error codes, as data: `twilio_errors.csv` says what each means, what we do and what an operator can do.

Twilio refines its codes now and then, so one that is not in the table never loses a message: it is tried again.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from bot.messages import DeliveryError

log = structlog.get_logger(__name__)

Verdict = Literal["again", "setup", "never", "opted_out"]
"""again: it may pass. setup: it passes when an operator acts, so it is tried again. never: no retry can help. opted_out: STOP."""


@dataclass(frozen=True, slots=True)
class TwilioError:
    """One row of the table."""

    code: int
    verdict: Verdict
    meaning: str
    advice: str


def _read() -> dict[int, TwilioError]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {
            int(row["code"]): TwilioError(int(row["code"]), row["verdict"], row["meaning"], row["advice"])  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        }


ERRORS = _read()

_NO_CODE_IS_FINAL = frozenset({"undelivered", "failed", "canceled"})


def meaning(code: int | str | None) -> TwilioError | None:
    """The row of a code, as Twilio reports it with an API answer or a status callback; None: not in the table."""
    try:
        return ERRORS.get(int(code or 0))
    except ValueError:
        return None


def refusal(code: int | str | None, *, otherwise: str = "") -> DeliveryError:
    """What a code means for a delivery. otherwise: what to note where there is no code."""
    row = meaning(code)
    if row is not None and row.verdict != "again":
        log.warning("Twilio refused a message", code=row.code, meaning=row.meaning, what_to_do=row.advice)
    verdict = row.verdict if row else "again"
    return DeliveryError(
        str(code or otherwise),
        permanent=verdict in ("never", "opted_out"),
        opted_out=verdict == "opted_out",
    )
