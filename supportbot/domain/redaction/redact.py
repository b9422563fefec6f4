"""Secrets and personal data are taken out of a text before it is stored.

Everything is found by its shape; nothing is looked up and nothing is remembered. What has no shape
(a name, a postal address, a password that is an ordinary word) stays.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from supportbot.domain.redaction.credentials import find_credentials
from supportbot.domain.redaction.findings import Finding, SecretKind
from supportbot.domain.redaction.personal_data import find_personal_data
from supportbot.domain.redaction.secret_patterns import find_keys


def redact(text: str) -> str:
    """Put a marker such as `[email address removed]` in the place of each secret.

    Redacting twice changes nothing: what a marker uncovers (a text changes its neighbours) is
    looked for until nothing is found. Each round leaves less outside of markers, so it ends; nearly
    always after the second.
    """
    while findings := find_secrets(text):
        text = _replace(text, findings)
    return text


def find_secrets(text: str) -> tuple[Finding, ...]:
    """Return what should not be stored, in the order of the text, without overlaps.

    Invisible characters do not hide anything: a key with a zero-width space inside is found, and
    the space belongs to it. Markers that stand in the text already are no secrets.
    """
    visible = _INVISIBLE.sub("", text)
    found = [*find_keys(visible), *find_credentials(visible), *find_personal_data(visible)]
    markers = [match.span() for match in _MARKER.finditer(visible)] if found else []
    kept = _merge(finding for finding in found if not _touches(finding, markers))
    return kept if visible == text else _placed_in(text, kept)


_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKER = re.compile(rf"\[(?:{'|'.join(SecretKind)}) removed\]")


def _replace(text: str, findings: Iterable[Finding]) -> str:
    pieces = []
    done = 0
    for finding in findings:
        pieces += [text[done : finding.start], f"[{finding.kind} removed]"]
        done = finding.end
    return "".join([*pieces, text[done:]])


def _touches(finding: Finding, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the finding overlaps one of the spans, which are in order and apart."""
    before = bisect_left(spans, (finding.end, 0))
    return before > 0 and finding.start < spans[before - 1][1]


def _merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Join what overlaps, so that no half of a secret is left; the first and longest names it."""
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        if merged and finding.start < merged[-1].end:
            first = merged[-1]
            merged[-1] = Finding(first.kind, first.start, max(first.end, finding.end))
        else:
            merged.append(finding)
    return tuple(merged)


def _placed_in(text: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Move findings of the visible text to where they are among the invisible characters."""
    places = [place for place, sign in enumerate(text) if not _INVISIBLE.match(sign)]
    return tuple(
        Finding(finding.kind, places[finding.start], places[finding.end - 1] + 1)
        for finding in findings
    )
