"""What a message asks for and how likely it is a call for help: one linear model, without Rasa.

Training solves a linear SVM. A held-out part of the lines gives the temperature of its confidences and the scale of the
chance of distress, which is read off the shares of all kinds of distress together: measured on the development sets that
catches more than a model of its own for "distress or not".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import minimize, minimize_scalar
from sklearn.svm import LinearSVC

from bot.nlu.vectors import Vectors
from bot.nlu.words import words

DISTRESS = "distress_"
_SHORT = 3
_SURE = 0.8
"""What is certain about a message that is, word for word, a short training line."""

_HELD_OUT = 5
"""Every fifth line of an intent is kept back to calibrate; the final model learns from all."""


@dataclass(frozen=True)
class Reading:
    """What was understood: intents with their probabilities, the best first, and the probability of distress."""

    ranking: List[Tuple[str, float]]
    distress: float


class Understanding:
    """A trained model.

    labels: intents. coefficients: float16, one row per column of the vectors and one column per label. offsets: float32, one
    per label. temperature: divides the scores. scale: slope and offset of the logistic curve of distress. phrases: labels
    of short lines by their words; in "no gracias" every word but the whole would say something else.
    """

    def __init__(
        self, vectors: Vectors, labels: List[str], coefficients: np.ndarray, offsets: np.ndarray,
        temperature: float, scale: Tuple[float, float], phrases: Dict[str, int],
    ) -> None:  # fmt: skip
        self.vectors = vectors
        self.labels = labels
        self.coefficients = coefficients
        self.offsets = offsets
        self.temperature = temperature
        self.scale = scale
        self.phrases = phrases
        self._distress = np.array([label.startswith(DISTRESS) for label in labels])

    @classmethod
    def train(cls, texts: Sequence[str], intents: Sequence[str], languages: Sequence[str]) -> Understanding:
        """Learn from texts with their intents and languages, all of one length. Needs two intents or more."""
        labels = sorted(set(intents))
        part = _held_out(intents)
        keep, test = np.flatnonzero(~part), np.flatnonzero(part)
        vectors, rows = Vectors.fit([texts[i] for i in keep], [languages[i] for i in keep])
        weights, offsets = _solve(rows, [intents[i] for i in keep], labels)
        unseen = vectors.matrix([texts[i] for i in test], [languages[i] for i in test])
        scores = unseen @ weights.T + offsets
        truth = np.array([labels.index(intents[i]) for i in test])
        temperature = _temperature(scores, truth)
        kinds = np.array([label.startswith(DISTRESS) for label in labels])
        together = _logit(_shares(scores, temperature)[:, kinds].sum(axis=1))
        scale = _scale(together, np.array([intents[i].startswith(DISTRESS) for i in test]))
        del rows, unseen
        vectors, rows = Vectors.fit(texts, languages)
        weights, offsets = _solve(rows, intents, labels)
        coefficients = np.ascontiguousarray(weights.T, dtype=np.float16)
        phrases = _phrases(texts, [labels.index(intent) for intent in intents])
        return cls(vectors, labels, coefficients, offsets.astype(np.float32), temperature, scale, phrases)

    def read(self, text: str, language: str) -> Reading:
        """What one message says. language: code; an unknown one only costs accuracy."""
        numbers, weights = self.vectors.row(text, language)
        scores = weights @ self.coefficients[numbers].astype(np.float32) + self.offsets
        shares = _shares(scores[np.newaxis, :], self.temperature)[0]
        known = self.phrases.get(_phrase(text))
        if known is not None:
            shares *= 1 - _SURE
            shares[known] += _SURE
        ranking = [(self.labels[i], float(shares[i])) for i in np.argsort(-shares)]
        slope, offset = self.scale
        raw = slope * _logit(shares[self._distress].sum()) + offset
        return Reading(ranking, float(1 / (1 + np.exp(-raw))))

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder."""
        np.savez(
            folder / "arrays.npz", coefficients=self.coefficients, offsets=self.offsets, idf=self.vectors.idf,
            **{f"tag_{language}": numbers for language, numbers in self.vectors.tagged.items()},
        )  # fmt: skip
        about = {"labels": self.labels, "temperature": self.temperature, "scale": list(self.scale), "phrases": self.phrases}
        (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        # One feature per line: none holds a line break, because views split at white space.
        (folder / "features.txt").write_text("\n".join(self.vectors.columns), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Understanding:
        """Read what `save` has written."""
        arrays = np.load(folder / "arrays.npz")
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        features = (folder / "features.txt").read_text(encoding="utf-8").split("\n")
        tagged: Dict[str, np.ndarray] = {name[4:]: arrays[name] for name in arrays.files if name.startswith("tag_")}
        columns = {feature: number for number, feature in enumerate(features)}
        vectors = Vectors(columns, arrays["idf"], tagged, len(arrays["coefficients"]))
        return cls(
            vectors, about["labels"], arrays["coefficients"], arrays["offsets"], about["temperature"], tuple(about["scale"]),
            about["phrases"],
        )  # fmt: skip


def _phrase(text: str) -> str:
    """The words of a message of at most three; empty for a longer one."""
    found = words(text[:60])
    return " ".join(word.folded for word in found) if len(found) <= _SHORT and len(text) <= 60 else ""


def _phrases(texts: Sequence[str], labels: Sequence[int]) -> Dict[str, int]:
    """Labels of the short lines that stand under one intent only."""
    found: Dict[str, set] = {}
    for text, label in zip(texts, labels, strict=True):
        if phrase := _phrase(text):
            found.setdefault(phrase, set()).add(label)
    return {phrase: next(iter(numbers)) for phrase, numbers in found.items() if len(numbers) == 1}


def _held_out(intents: Sequence[str]) -> np.ndarray:
    """True for every fifth line of an intent."""
    seen: Dict[str, int] = {}
    part = np.zeros(len(intents), dtype=bool)
    for number, intent in enumerate(intents):
        seen[intent] = seen.get(intent, 0) + 1
        part[number] = seen[intent] % _HELD_OUT == 0
    return part


def _solve(rows: sparse.csr_matrix, intents: Sequence[str], labels: Sequence[str]) -> Tuple[np.ndarray, np.ndarray]:
    """Coefficients, labels by columns, and offsets."""
    machine = LinearSVC(C=0.3).fit(rows, list(intents))
    assert list(machine.classes_) == list(labels)
    return machine.coef_, machine.intercept_


def _shares(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax by row."""
    raw = scores / temperature
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _logit(share: np.ndarray) -> np.ndarray:
    share = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(share / (1 - share))


def _temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The temperature under which the true intents are least surprising."""

    def surprise(log_temperature: float) -> float:
        raw = scores / np.exp(log_temperature)
        raw = raw - raw.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(raw).sum(axis=1)) - raw[np.arange(len(truth)), truth]))

    return float(np.exp(minimize_scalar(surprise, bounds=(-5, 2), method="bounded").x))


def _scale(scores: np.ndarray, danger: np.ndarray) -> Tuple[float, float]:
    """Slope and offset of the logistic curve from score to probability (Platt)."""

    def surprise(line: np.ndarray) -> float:
        raw = line[0] * scores + line[1]
        return float(np.mean(np.logaddexp(0, np.where(danger, -raw, raw))))

    slope, offset = minimize(surprise, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(slope), float(offset)

