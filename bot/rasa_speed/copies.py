"""Nothing is copied for a log line that is not written.

Stock makes deep copies of messages, entities, events and states for debug lines, whether they are written or not. Where
the debug level is off, the lines get the things themselves, which nobody looks at.
"""

from __future__ import annotations

import importlib
import logging
from types import SimpleNamespace
from typing import Any

MODULES = ("rasa.core.processor", "rasa.core.policies.rule_policy", "rasa.core.channels.rest")
"""Modules of Rasa that use `copy.deepcopy` for log lines, and for nothing else."""


def _same(thing: Any) -> Any:
    return thing


def apply() -> None:
    """Put it in place, unless debug lines are written."""
    if logging.getLogger("rasa").isEnabledFor(logging.DEBUG):
        return
    for name in MODULES:
        importlib.import_module(name).copy = SimpleNamespace(deepcopy=_same)
