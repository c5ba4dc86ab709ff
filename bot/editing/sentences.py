"""Changes one sentence of a catalog of `content/locale/`, as Babel writes catalogs: comments, flags and order stay."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from babel.messages.catalog import Message
from babel.messages.pofile import read_po, write_po


def translated(text: str, key: str, forms: Sequence[str], *, read: bool) -> str:
    """The catalog with the translation of a sentence changed.

    key: the sentence's context. forms: one text, or as many as the language has plural forms. read: a native speaker has
    read it, so it is no longer marked fuzzy. Raises `KeyError` for a sentence that the catalog does not have.
    """
    catalog = read_po(BytesIO(text.encode()))
    message = next((one for one in catalog if one.id and one.context == key), None)
    if message is None:
        raise KeyError(key)
    message.string = tuple(forms) if message.pluralizable else forms[0]
    (message.flags.discard if read else message.flags.add)("fuzzy")
    out = BytesIO()
    write_po(out, catalog, width=0, sort_output=False)
    return out.getvalue().decode()


def strings(message: Message, number: int) -> list[str]:
    """The translation as it stands: one text, or one per plural form. number: how many forms the language has."""
    if isinstance(message.string, str):
        return [message.string]
    found = [form or "" for form in message.string or ()]
    return found + [""] * (number - len(found)) if message.pluralizable else found[:1] or [""]
