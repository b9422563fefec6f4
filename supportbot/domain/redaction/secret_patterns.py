"""Keys that are known by their own shape: makers' tokens, and private keys."""

import re
from collections.abc import Iterator

from supportbot.domain.redaction.findings import Finding, SecretKind
from supportbot.domain.redaction.token_formats import TOKEN_FORMATS


def find_keys(text: str) -> Iterator[Finding]:
    """Find makers' tokens and private keys."""
    for literal, pattern in _FORMATS:
        if literal in text:
            for match in pattern.finditer(text):
                yield Finding(SecretKind.API_KEY, *match.span(pattern.groups))
    for header in _PRIVATE_KEY.finditer(text):
        if end := _end_of_private_key(text, header):
            yield Finding(SecretKind.PRIVATE_KEY, header.start(), end)


# No key begins in the middle of a word. This also keeps the search linear: a run of letters is
# tried once, from its beginning.
_FORMATS = [
    (token.literal, re.compile(rf"(?<![A-Za-z0-9])(?:{token.pattern})")) for token in TOKEN_FORMATS
]

# Sources: RFC 7468 (PEM), RFC 9580 (OpenPGP), PuTTY's documentation, appendix C (PPK).
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----|Private-Lines: [0-9]{1,4}"
)
_LINES = re.compile(
    r"(?:(?:\\[nrt]|[\s\"'`>+|,\\]){0,20}"
    r"(?:(?:Proc-Type|DEK-Info|Version|Comment|Charset): ?[^\n\\]{1,100}|[A-Za-z0-9+/=]{40,}))+"
    r"(?:(?:\\[nr]|\r?\n)[\s\"'`>+|]{0,20}"
    r"=?[A-Za-z0-9+/=]{1,80}(?=\\|[ \t]*(?:\r?\n|$)|[\"'`])){0,2}"
)
_FOOTER = re.compile(r"-----END [A-Z0-9 ]{3,40}-----")
_LONGEST_KEY = 16_384


def _end_of_private_key(text: str, header: re.Match[str]) -> int | None:
    """Return where the key ends: at its footer, or, where it was cut, after its last line.

    A header that no key follows, as in "it begins with -----BEGIN…", is no secret.
    """
    lines = _LINES.match(text, header.end(), header.end() + _LONGEST_KEY)
    if lines is None:
        return None
    footer = _FOOTER.search(text, lines.end(), lines.end() + 200)
    return footer.end() if footer else lines.end()
