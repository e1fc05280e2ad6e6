"""Hides secrets in addresses and excerpts, so that they reach no log, snapshot or error."""

import re
from urllib.parse import unquote_plus, urlsplit, urlunsplit

HIDDEN = "***"
SHORTEST_SECRET = 4  # characters; replacing shorter texts would garble an excerpt more than it protects
SECRET_NAME = re.compile(
    r"(key|token|secret|passwor[dt]|passwd|pwd|pass|signature|sig|credentials?|auth|authorization|jwt"
    r"|session_?id|appid)$",
    re.IGNORECASE,
)


def redacted(url: str) -> str:
    """The address without user, password, fragment and the values of parameters that look like secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not an address)"
    netloc = f"{HIDDEN}@{parts.netloc.rpartition('@')[2]}" if "@" in parts.netloc else parts.netloc
    query = "&".join(_hide(pair) for pair in parts.query.split("&"))
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))


def secrets_in(url: str) -> set[str]:
    """Every text of the address that `redacted` hides, as sent and as meant."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return set()
    found = {parts.username, parts.password} if "@" in parts.netloc else set()
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if _is_secret(name):
            found.add(value)
    texts = {text for text in found if text}
    return texts | {unquote_plus(text) for text in texts}


def scrubbed(text: str, secrets: set[str]) -> str:
    """The text without any of the secrets, in case a site repeats them in its answer."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    return text


def _hide(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={HIDDEN}" if equals and _is_secret(name) else pair


def _is_secret(name: str) -> bool:
    return SECRET_NAME.search(unquote_plus(name)) is not None
