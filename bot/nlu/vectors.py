"""Sublinear TF-IDF over the views, with every feature once plain and once tagged with the language."""

from __future__ import annotations

from collections import Counter
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse as sparse

from bot.nlu.concepts import Concepts
from bot.nlu.encoder import Encoder
from bot.nlu.views import views

Row = Tuple[np.ndarray, np.ndarray]
"""Column numbers (int32) and weights (float32) of one message."""

Documents = Sequence[Tuple[List[List[str]], Optional[np.ndarray]]]
"""The views of each message and its sentence vector."""

_FEWEST = 2
"""Lines that a feature must stand in; the others are half of all features and teach next to nothing."""


class Vectors:
    """Turns texts into sparse rows.

    concepts: the meanings that are a view beside those of the spelling.
    columns: number of each plain feature. idf: weight of each plain feature, float32.
    tagged: per language the column that a plain feature has when tagged, or -1; int32, one per plain feature.
    width: number of columns, plain and tagged. encoder: where there is one, its dimensions are columns after these.
    """

    def __init__(
        self, concepts: Concepts, columns: Dict[str, int], idf: np.ndarray, tagged: Dict[str, np.ndarray], width: int,
        encoder: Optional[Encoder] = None,
    ) -> None:  # fmt: skip
        self.concepts = concepts
        self.columns = columns
        self.idf = idf
        self.tagged = tagged
        self.width = width
        self.encoder = encoder

    @classmethod
    def fit(
        cls, documents: Documents, languages: Sequence[str], concepts: Concepts, encoder: Optional[Encoder] = None
    ) -> Tuple[Vectors, sparse.csr_matrix]:
        """Learn from `read` texts with their languages; also gives their rows, which are wanted next."""
        frequency: Counter = Counter()
        for document, _ in documents:
            frequency.update({feature for view in document for feature in view})
        columns = {
            feature: number for number, feature in enumerate(sorted(f for f, n in frequency.items() if n >= _FEWEST))
        }
        counts = np.fromiter((frequency[feature] for feature in columns), dtype=np.float32, count=len(columns))
        idf = (np.log((1 + len(documents)) / (1 + counts)) + 1).astype(np.float32)
        vectors = cls(concepts, columns, idf, {}, len(columns), encoder)
        plain = [vectors._plain(document) for document, _ in documents]
        for language in sorted(set(languages)):
            used = [row[0] for row, spoken in zip(plain, languages, strict=True) if spoken == language]
            own = np.unique(np.concatenate(used))
            numbers = np.full(len(columns), -1, dtype=np.int32)
            numbers[own] = np.arange(vectors.width, vectors.width + len(own), dtype=np.int32)
            vectors.tagged[language] = numbers
            vectors.width += len(own)
        rows = [vectors._tag(row, language) for row, language in zip(plain, languages, strict=True)]
        return vectors, vectors._matrix(vectors._encoded(rows, documents))

    def row(self, text: str, language: str) -> Row:
        """One message; an unknown language only has the plain features."""
        return self._rows(read([text], [language], self.concepts, self.encoder), [language])[0]

    def matrix(self, documents: Documents, languages: Sequence[str]) -> sparse.csr_matrix:
        """Many `read` messages, one row each."""
        return self._matrix(self._rows(documents, languages))

    def _rows(self, documents: Documents, languages: Sequence[str]) -> List[Row]:
        rows = [
            self._tag(self._plain(document), language)
            for (document, _), language in zip(documents, languages, strict=True)
        ]
        return self._encoded(rows, documents)

    def _encoded(self, rows: List[Row], documents: Documents) -> List[Row]:
        """The rows with the sentence vectors behind them."""
        if self.encoder is None:
            return rows
        numbers = np.arange(self.width, self.width + self.encoder.size, dtype=np.int32)
        return [
            (np.concatenate([row[0], numbers]), np.concatenate([row[1], vector]))
            for row, (_, vector) in zip(rows, documents, strict=True)
        ]

    def _plain(self, document: List[List[str]]) -> Row:
        """Weights of the known features; every view has length 1, so that none drowns the others."""
        numbers: List[np.ndarray] = []
        weights: List[np.ndarray] = []
        known = self.columns
        for view in document:
            counts = Counter(known[feature] for feature in view if feature in known)
            if not counts:
                continue
            column = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
            times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
            weight = (1 + np.log(times)) * self.idf[column]
            numbers.append(column)
            weights.append(weight / np.sqrt(weight @ weight))
        if not numbers:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        return np.concatenate(numbers), np.concatenate(weights)

    def _tag(self, row: Row, language: str) -> Row:
        numbers, weights = row
        if language not in self.tagged:
            return row
        own = self.tagged[language][numbers]
        seen = own >= 0
        return np.concatenate([numbers, own[seen]]), np.concatenate([weights, weights[seen]])

    def _matrix(self, rows: List[Row]) -> sparse.csr_matrix:
        ends = np.cumsum([0] + [len(row[0]) for row in rows])
        data = np.concatenate([row[1] for row in rows]) if rows else np.empty(0, dtype=np.float32)
        indices = np.concatenate([row[0] for row in rows]) if rows else np.empty(0, dtype=np.int32)
        width = self.width + (self.encoder.size if self.encoder else 0)
        matrix = sparse.csr_matrix((data, indices, ends), shape=(len(rows), width))
        matrix.sort_indices()
        return matrix


def read(
    texts: Sequence[str], languages: Sequence[str], concepts: Concepts, encoder: Optional[Encoder] = None
) -> Documents:
    """All views of messages, and their sentence vectors where there is an encoder."""
    dense = encoder.encode(texts) if encoder else [None] * len(texts)
    return [
        ([*views(text), ["c" + meaning for meaning in concepts.find(text, language)]], vector)
        for text, language, vector in zip(texts, languages, dense, strict=True)
    ]
