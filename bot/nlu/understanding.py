"""What a message asks for and how likely it is a call for help: one linear model, without Rasa.

A held-out part of the lines says how the two models in it weigh and gives the scale of the chance of distress, which is read
off the shares of all kinds of distress together: measured on the development sets that catches more than a model of its own
for "distress or not".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np

from bot.nlu.concepts import Concepts
from bot.nlu.encoder import Encoder
from bot.nlu.linear import Coefficients, Pair, curve, logit, shares
from bot.nlu.vectors import Documents, Vectors, read
from bot.nlu.words import words

DISTRESS = "distress_"
_SHORT = 3
_SURE = 0.8
"""What is certain about a message that is, word for word, a short training line."""

_DANGER = 0.5
"""Probability of danger from which a message is about it before all else; below, she is answered and asked."""

_HELD_OUT = 5
"""Every fifth line of an intent is kept back to calibrate; the final model learns from all."""


@dataclass(frozen=True)
class Reading:
    """What was understood: intents with their probabilities, the best first, and the probability of distress.

    The probability of a kind of distress that stands first is that of all kinds together.
    """

    ranking: List[Tuple[str, float]]
    distress: float


class Understanding:
    """A trained model.

    labels: intents. offsets: float32, one per label. scale: slope and offset of the logistic curve of distress. phrases: labels
    of short lines by their words; in "no gracias" every word but the whole would say something else.
    """

    def __init__(
        self, vectors: Vectors, labels: List[str], coefficients: Coefficients, offsets: np.ndarray,
        scale: Tuple[float, float], phrases: Dict[str, int],
    ) -> None:  # fmt: skip
        self.vectors = vectors
        self.labels = labels
        self.coefficients = coefficients
        self.offsets = offsets
        self.scale = scale
        self.phrases = phrases
        self._distress = np.array([label.startswith(DISTRESS) for label in labels])

    @classmethod
    def train(
        cls, texts: Sequence[str], intents: Sequence[str], languages: Sequence[str], concepts: Concepts,
        encoder: Optional[Encoder] = None,
    ) -> Understanding:  # fmt: skip
        """Learn from texts with their intents and languages, all of one length. Needs two intents or more."""
        labels = sorted(set(intents))
        truth = np.array([labels.index(intent) for intent in intents])
        documents = read(texts, languages, concepts, encoder)
        factors, scale = _calibrated(documents, truth, languages, concepts, labels, encoder)
        vectors, rows = Vectors.fit(documents, languages, concepts, encoder)
        weights, offsets = Pair.solve(rows, truth, len(labels)).joined(factors)
        phrases = _phrases(texts, truth)
        return cls(vectors, labels, Coefficients.round(weights), offsets.astype(np.float32), scale, phrases)

    def read(self, text: str, language: str) -> Reading:
        """What one message says. language: code; an unknown one only costs accuracy."""
        scores = self.coefficients.scores(*self.vectors.row(text, language)) + self.offsets
        found = shares(scores[np.newaxis, :])[0]
        known = self.phrases.get(_phrase(text))
        if known is not None:
            found *= 1 - _SURE
            found[known] += _SURE
        together = float(found[self._distress].sum())
        slope, offset = self.scale
        danger = float(1 / (1 + np.exp(-(slope * logit(np.float64(together)) + offset))))
        order = np.argsort(-found)
        # Kinds of distress share what speaks for danger: whether it is any of them is decided first, then which.
        first = next((i for i in order if self._distress[i] == (danger > _DANGER)), order[0])
        confidence = together if self._distress[first] else float(found[first])
        ranking = [(self.labels[first], confidence)]
        ranking += [(self.labels[i], float(found[i])) for i in order if i != first]
        return Reading(ranking, danger)

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder."""
        np.savez(
            folder / "arrays.npz", steps=self.coefficients.steps, sizes=self.coefficients.sizes, offsets=self.offsets,
            idf=self.vectors.idf, **{f"tag_{language}": numbers for language, numbers in self.vectors.tagged.items()},
        )  # fmt: skip
        about = {
            "labels": self.labels, "scale": list(self.scale), "phrases": self.phrases, "concepts": self.vectors.concepts.words,
        }  # fmt: skip
        (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        # One feature per line: none holds a line break, because views split at white space.
        (folder / "features.txt").write_text("\n".join(self.vectors.columns), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encoder: Optional[Encoder] = None) -> Understanding:
        """Read what `save` has written. encoder: the one that it was trained with."""
        arrays = np.load(folder / "arrays.npz")
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        features = (folder / "features.txt").read_text(encoding="utf-8").split("\n")
        tagged: Dict[str, np.ndarray] = {name[4:]: arrays[name] for name in arrays.files if name.startswith("tag_")}
        columns = {feature: number for number, feature in enumerate(features)}
        coefficients = Coefficients(arrays["steps"], arrays["sizes"])
        width = len(coefficients.steps) - (encoder.size if encoder else 0)
        vectors = Vectors(Concepts(about["concepts"]), columns, arrays["idf"], tagged, width, encoder)
        return cls(vectors, about["labels"], coefficients, arrays["offsets"], tuple(about["scale"]), about["phrases"])


def _calibrated(
    documents: Documents,
    truth: np.ndarray,
    languages: Sequence[str],
    concepts: Concepts,
    labels: Sequence[str],
    encoder: Optional[Encoder],
) -> Tuple[Tuple[float, float], Tuple[float, float]]:
    """Factors of the two models, and the scale of distress, from lines held back."""
    part = _held_out(truth)
    keep, test = np.flatnonzero(~part), np.flatnonzero(part)
    vectors, rows = Vectors.fit([documents[i] for i in keep], [languages[i] for i in keep], concepts, encoder)
    pair = Pair.solve(rows, truth[keep], len(labels))
    unseen = vectors.matrix([documents[i] for i in test], [languages[i] for i in test])
    factors = pair.weigh(unseen, truth[test])
    weights, offsets = pair.joined(factors)
    danger = np.array([label.startswith(DISTRESS) for label in labels])
    together = logit(shares(unseen @ weights + offsets)[:, danger].sum(axis=1))
    return factors, curve(together, danger[truth[test]])


def _phrase(text: str) -> str:
    """The words of a message of at most three; empty for a longer one."""
    found = words(text[:60])
    return " ".join(word.folded for word in found) if len(found) <= _SHORT and len(text) <= 60 else ""


def _phrases(texts: Sequence[str], labels: np.ndarray) -> Dict[str, int]:
    """Labels of the short lines that stand under one intent only."""
    found: Dict[str, set] = {}
    for text, label in zip(texts, labels, strict=True):
        if phrase := _phrase(text):
            found.setdefault(phrase, set()).add(int(label))
    return {phrase: next(iter(numbers)) for phrase, numbers in found.items() if len(numbers) == 1}


def _held_out(truth: np.ndarray) -> np.ndarray:
    """True for every fifth line of a label."""
    seen: Dict[int, int] = {}
    part = np.zeros(len(truth), dtype=bool)
    for number, label in enumerate(truth):
        seen[label] = seen.get(label, 0) + 1
        part[number] = seen[label] % _HELD_OUT == 0
    return part
