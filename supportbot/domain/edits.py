"""What an edit may change of words that were approved. Pure.

Somebody approved an answer as it read then. A typo may be mended and the layout changed, and that
is all: whatever brings in a new word, a link, a command, a number, a negation or a name waits until
somebody has looked at it.
"""

import re
from collections.abc import Iterator
from hashlib import blake2s

_MOST_TYPOS = 3
_SHORTEST = 4
"""Characters of a word in which a slip is taken for a typo: a shorter one is soon another word."""
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`", re.DOTALL)
_LAYOUT = re.compile(r"^[ \t]*(?:[-*•][ \t]+|#{1,6}[ \t]+)", re.MULTILINE)
"""Bullets and headings."""
_EMPHASIS = re.compile(r"(?<![\w*])(\*\*|__|\*|_)(?=[^\s*_])([^*_\n]*?[^\s*_])\1(?![\w*])")
_STOPS = ".,;:!?…"
_WORD = re.compile(r"[^\W\d_]{3,}")
_LETTERS = re.compile(r"[^\W\d_]+")
_SAME_QUESTION = 0.5
"""Share of a question's words that it had before, from which it is still the same question."""


def is_small(approved: str, edited: str, *, known: str = "") -> bool:
    """Decide whether an edit may be shown without anybody's having looked at it.

    1. Code, and whatever is not a plain word, stays as it is: links, numbers, names of files.
    2. No word comes, goes or moves. Bullets, headings, emphasis, spaces, line breaks, capital
       letters and the stops after a word may change.
    3. At most three words lose a slip: one letter too many, one missing, or two that changed
       places, behind the first letter of a word of at least four. What it becomes must be a word
       that is already there, in the answer or the question, so that no new one can come in.

    Args:
        approved: The words that were approved, however often they were edited since.
        edited: What they are to be.
        known: More words that may be used, such as the question's.
    """
    before, after = list(_tokens(approved)), list(_tokens(edited))
    if len(before) != len(after):
        return False
    vocabulary = {word.casefold() for word in _LETTERS.findall(f"{approved} {known}")}
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    return len(changed) <= _MOST_TYPOS and all(
        new in vocabulary and _is_slip(old, new) for old, new in changed
    )


def is_another_question(approved: str, edited: str) -> bool:
    """Decide whether a question has become another one, which its answers do not answer.

    So it is where fewer than half of the words that it has now were in it when its answer was
    approved. Details that are left out make no other question of it.

    Args:
        approved: Its fingerprint when an answer to it was approved.
        edited: Its words now.
    """
    now = fingerprint(edited).split()
    if not now:
        return True
    kept = set(now) & set(approved.split())
    return len(kept) < _SAME_QUESTION * len(now)


def fingerprint(question: str) -> str:
    """Return what tells later whether a question is still the same, and none of its words."""
    return " ".join(sorted({_hashed(word.casefold()) for word in _WORD.findall(question)}))


def _hashed(word: str) -> str:
    return blake2s(word.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _tokens(text: str) -> Iterator[str]:
    """Cut a text into what has to stay: code whole, and words without their layout."""
    end = 0
    for code in _CODE.finditer(text):
        yield from _words(text[end : code.start()])
        yield code.group()
        end = code.end()
    yield from _words(text[end:])


def _words(text: str) -> Iterator[str]:
    plain = _LAYOUT.sub("", text)
    for word in _EMPHASIS.sub(r"\2", plain).split():
        bare = word.rstrip(_STOPS)
        # Anything but letters is no plain word, and its capital letters may matter.
        if bare:
            yield bare.casefold() if _LETTERS.fullmatch(bare) else word


def _is_slip(old: str, new: str) -> bool:
    """Whether one plain word becomes another by one letter more or less, or two swapped."""
    if not (_LETTERS.fullmatch(old) and _LETTERS.fullmatch(new)):
        return False
    if min(len(old), len(new)) < _SHORTEST or old[0] != new[0]:
        return False
    shorter, longer = sorted((old, new), key=len)
    if len(longer) - len(shorter) == 1:
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(1, len(longer)))
    if len(longer) != len(shorter):
        return False
    apart = [at for at in range(len(old)) if old[at] != new[at]]
    match apart:
        case [one, two]:
            return two == one + 1 and (old[one], old[two]) == (new[two], new[one])
        case _:
            return False
