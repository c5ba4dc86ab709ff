"""What Rasa's process may know of ours: where it is, and how to be small and silent. No secret of the service."""

from __future__ import annotations

import os
from collections.abc import Mapping

_PASSED = ("PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "USER", "LOGNAME", "SYSTEMROOT")
_PASSED_PREFIXES = ("LC_", "OPENBLAS_")

_SETTINGS = {
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONUNBUFFERED": "1",  # its log lines reach ours when they are written
    "PYTHONNOUSERSITE": "1",
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "MPLBACKEND": "Agg",
    "MALLOC_ARENA_MAX": "2",  # a short message needs no pool of memory per thread
}


def rasa_environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a Rasa process, `more` added.

    Numbers of threads stay open for training; `bot.processes` narrows them for serving.
    """
    kept = {name: value for name, value in os.environ.items() if name in _PASSED or name.startswith(_PASSED_PREFIXES)}
    return {**kept, **_SETTINGS, **more}
