"""Two linear models made one: a linear SVM, which is sharp, and naive Bayes, which is robust where lines are few.

Both score an intent by one weight per column, so their sum is again one matrix. How much each counts, and how sure the sum
is, comes from lines that neither has seen.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Tuple

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import minimize
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

_C = 0.3
_TOLERANCE = 1e-3
_SMOOTHING = 0.02
_THREADS = 2
"""The solver lets go of Python's lock: two cores halve the time."""


@dataclass(frozen=True)
class Pair:
    """The two models. Weights: float32, one row per column and one column per label; offsets: one per label."""

    margins: Tuple[np.ndarray, np.ndarray]
    chances: Tuple[np.ndarray, np.ndarray]

    @classmethod
    def solve(cls, rows: sparse.csr_matrix, truth: np.ndarray, labels: int) -> Pair:
        """Learn from rows and the number of the label of each; every one of `labels` labels must occur."""
        weights = np.zeros((rows.shape[1], labels), dtype=np.float32)
        offsets = np.zeros(labels, dtype=np.float32)

        def one(label: int) -> None:
            machine = LinearSVC(C=_C, tol=_TOLERANCE).fit(rows, truth == label)
            weights[:, label], offsets[label] = machine.coef_[0], machine.intercept_[0]

        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(one, range(labels)))
        bayes = MultinomialNB(alpha=_SMOOTHING, fit_prior=False).fit(rows.maximum(0), truth)
        logs = bayes.feature_log_prob_.T.astype(np.float32)
        logs -= logs.mean(axis=1, keepdims=True)  # what all labels share says nothing and would cost precision
        logs[rows.min(axis=0).toarray()[0] < 0] = 0  # it counts; a dimension with a sign is no count
        return cls((weights, offsets), (logs, np.zeros(labels, dtype=np.float32)))

    def weigh(self, rows: sparse.csr_matrix, truth: np.ndarray) -> Tuple[float, float]:
        """The factors of the two scores under which the true labels of unseen rows are least surprising."""
        sharp, robust = (rows @ weights + offsets for weights, offsets in (self.margins, self.chances))

        def surprise(factors: np.ndarray) -> float:
            raw = np.exp(factors[0]) * sharp + np.exp(factors[1]) * robust
            raw = raw - raw.max(axis=1, keepdims=True)
            return float(np.mean(np.log(np.exp(raw).sum(axis=1)) - raw[np.arange(len(truth)), truth]))

        found = minimize(surprise, np.log([5.0, 0.1]), method="Nelder-Mead", options={"xatol": 0.02, "fatol": 1e-4}).x
        return float(np.exp(found[0])), float(np.exp(found[1]))

    def joined(self, factors: Tuple[float, float]) -> Tuple[np.ndarray, np.ndarray]:
        """Weights and offsets of the sum of the two scores."""
        (sharp, offsets), (robust, base) = self.margins, self.chances
        return factors[0] * sharp + factors[1] * robust, factors[0] * offsets + factors[1] * base


@dataclass(frozen=True)
class Coefficients:
    """Weights in one byte each, which halves the model and its memory against float16 and changes no answer.

    steps: int8, one row per column and one column per label. sizes: float32, one per row; weight = step times size.
    """

    steps: np.ndarray
    sizes: np.ndarray

    @classmethod
    def round(cls, weights: np.ndarray) -> Coefficients:
        """weights: one row per column and one column per label."""
        sizes = np.maximum(np.abs(weights).max(axis=1), 1e-12).astype(np.float32) / 127
        return cls(np.ascontiguousarray(np.rint(weights / sizes[:, np.newaxis]).astype(np.int8)), sizes)

    def scores(self, numbers: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Scores of one sparse row, one per label. numbers: its columns; weights: its values there."""
        return (weights * self.sizes[numbers]) @ self.steps[numbers].astype(np.float32)


def shares(scores: np.ndarray) -> np.ndarray:
    """Softmax by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def logit(share: np.ndarray) -> np.ndarray:
    """The score whose logistic curve gives a share; shares are kept off 0 and 1."""
    share = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(share / (1 - share))


def curve(scores: np.ndarray, holds: np.ndarray) -> Tuple[float, float]:
    """Slope and offset of the logistic curve from score to probability (Platt)."""

    def surprise(line: np.ndarray) -> float:
        raw = line[0] * scores + line[1]
        return float(np.mean(np.logaddexp(0, np.where(holds, -raw, raw))))

    slope, offset = minimize(surprise, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(slope), float(offset)
