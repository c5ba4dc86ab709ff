"""Labelled messages: kept without a trace of who wrote them or who labelled them, and written as training lines."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.crypto import Vault
from bot.store.desk_tables import TrainingLine
from bot.unanswered.redacting import MARKS

ASIDE = "-"
"""Stands for an intent: seen, and not to be learnt from."""

Line = tuple[str, str, str]
"""Language, intent, text."""

_SAFE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,8})?")


def intents(data: Path) -> list[str]:
    """What a message can be labelled with: the intents that the model learns."""
    return sorted({path.stem for path in (data / "nlu").glob("*/*.yml") if re.fullmatch(r"[a-z_]+", path.stem)})


def languages(data: Path) -> list[str]:
    """The languages that the model learns."""
    return sorted(path.name for path in (data / "nlu").glob("*") if path.is_dir() and _SAFE.fullmatch(path.name))


async def kept(session: AsyncSession, vault: Vault) -> list[Line]:
    """All that is labelled, in the order of labelling."""
    rows = (await session.execute(select(TrainingLine).order_by(TrainingLine.id))).scalars()
    return [(row.language, row.intent, vault.open(row.text_sealed)) for row in rows]


def label(session: AsyncSession, vault: Vault, language: str, intent: str, texts: Iterable[str]) -> None:
    """Keep texts with their intent, in the caller's transaction. intent: one of `intents`, or `ASIDE`."""
    session.add_all(TrainingLine(language=language, intent=intent, text_sealed=vault.seal(text)) for text in texts)


def merged(data: Path, lines: Sequence[Line]) -> dict[str, str]:
    """The files that change, by their path inside `data`, with their new text: what stands there and the new lines after it."""
    found: dict[str, list[str]] = {}
    for language, intent, text in lines:
        if intent != ASIDE and _SAFE.fullmatch(language) and re.fullmatch(r"[a-z_]+", intent):
            found.setdefault(f"nlu/{language}/{intent}.yml", []).append(as_example(text))
    changed = {}
    for name, texts in found.items():
        path = data / name
        intent = path.stem
        before = path.read_text(encoding="utf-8") if path.is_file() else _head(intent)
        there = {line.strip().removeprefix("- ") for line in before.splitlines()}
        new = [text for text in dict.fromkeys(texts) if text and text not in there]
        if new:
            changed[name] = before.rstrip("\n") + "\n" + "".join(f"    - {text}\n" for text in new)
    return changed


def as_example(text: str) -> str:
    """A line for the model: what was taken out leaves no word behind, and no bracket can be taken for a mark-up of entities."""
    for mark in MARKS:
        text = text.replace(mark, " ")
    return " ".join(re.sub(r"[\[\]{}\x00-\x1f]", " ", text).split()).lstrip("- ")


def packed(files: dict[str, str]) -> bytes:
    """The files as a ZIP archive, in a folder `data`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(f"data/{name}", text)
    return out.getvalue()


def _head(intent: str) -> str:
    return f'version: "3.1"\nnlu:\n- intent: {intent}\n  examples: |\n'
