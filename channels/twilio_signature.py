"""Whether a webhook really comes from Twilio, and the form that it brings."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from twilio.request_validator import RequestValidator

MOST_FIELDS = 1000


def addresses(request: Request, *public_urls: str) -> list[str]:
    """The addresses that Twilio may have signed: the public ones where there are any, else the one of the request itself.

    The path of a public address (`https://ngo.example/kasama`) may have been cut by the proxy, or not.
    """
    query = f"?{request.url.query}" if request.url.query else ""
    found = []
    for public_url in filter(None, public_urls):
        path, prefix = request.url.path, urlsplit(public_url).path
        found.append(f"{public_url}{path}{query}")
        if prefix and path.startswith(f"{prefix}/"):
            found.append(f"{public_url}{path.removeprefix(prefix)}{query}")
    return found or [str(request.url)]


def is_signed(token: str, addresses: list[str], body: bytes, signature: str) -> bool:
    """Whether `signature` is Twilio's for this form. token: the account's auth token; without one nothing is signed."""
    if not token or not signature:
        return False
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError:
        return any(hmac.compare_digest(_of_bytes(token, address, body), signature.encode()) for address in addresses)
    except ValueError:  # more fields than any form has
        return False
    form = ImmutableMultiDict(pairs)
    try:
        return any(RequestValidator(token).validate(address, form, signature) for address in addresses)
    except ValueError:  # a Host header that is no host
        return False


def fields(body: bytes) -> dict[str, str]:
    """The form; of a field that comes twice the first, and what is not UTF-8 as U+FFFD."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(body.decode(errors="replace"), keep_blank_values=True, errors="replace"):
        found.setdefault(name, value)
    return found


def _of_bytes(token: str, address: str, body: bytes) -> bytes:
    """The signature of a form that is not UTF-8, which the library cannot compute: the same rule over its bytes."""
    values: dict[bytes, set[bytes]] = {}
    # Latin-1 maps every byte to one character and back.
    for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1"):
        values.setdefault(name.encode("latin-1"), set()).add(value.encode("latin-1"))
    signed = address.encode() + b"".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(token.encode(), signed, hashlib.sha1).digest())
