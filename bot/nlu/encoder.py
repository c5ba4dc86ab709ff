"""An optional view of a message: its sentence vector from a transformer such as LaBSE, whose files lie in a folder.

Nothing is ever downloaded: `config.yml` names the folder (`encoder: models/LaBSE`), an operator has put it there. It needs far
more memory and time per message than all else.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Sequence

import numpy as np

_BATCH = 64
_LONGEST = 64
"""Tokens of a message that are read."""


class EncoderError(Exception):
    """The folder holds no model that can be used; the text says what is missing."""


class Encoder:
    """Turns texts into vectors of length 1. size: their number of dimensions."""

    def __init__(self, tokenizer, model) -> None:  # types of transformers, which is imported late
        self._tokenizer = tokenizer
        self._model = model
        self.size = int(model.config.hidden_size)

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """Read tokenizer and TensorFlow weights from a folder. Raises `EncoderError`."""
        if not (folder / "config.json").is_file():
            raise EncoderError(
                f"{folder} holds no transformer: it needs config.json, tf_model.h5 and the tokenizer's files."
            )
        os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
        from transformers import AutoTokenizer, TFAutoModel  # seconds and 300 MB that only this option costs

        try:
            tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            model = TFAutoModel.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError) as error:
            raise EncoderError(f"{folder} cannot be read as a transformer: {error}") from error
        return cls(tokenizer, model)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32, one row per text: the pooled output where the model has one, else the mean over its tokens."""
        rows = []
        for start in range(0, len(texts), _BATCH):
            batch = self._tokenizer(
                list(texts[start : start + _BATCH]),
                padding=True,
                truncation=True,
                max_length=_LONGEST,
                return_tensors="tf",
            )
            out = self._model(**batch)
            pooled = getattr(out, "pooler_output", None)
            if pooled is None:
                mask = batch["attention_mask"].numpy()[:, :, np.newaxis].astype(np.float32)
                pooled = (out.last_hidden_state.numpy() * mask).sum(axis=1) / mask.sum(axis=1)
            rows.append(np.asarray(pooled, dtype=np.float32))
        found = np.concatenate(rows) if rows else np.zeros((0, self.size), dtype=np.float32)
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
