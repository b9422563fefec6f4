# ruff: noqa: E501, RUF001, SIM905 - lists of words
"""What an edit may change of words that were approved. Pure.

Somebody approved an answer as it read then. Its layout may change, and that is all: whatever could
make a reader do something else waits until somebody has looked at it. Waiting costs one look; what
slips through costs somebody their data.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2s
from string import ascii_lowercase

_FENCE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z))", re.DOTALL)
_BULLET = re.compile(r"^ {0,3}[-*•][ \t]+(?=[^\W\d_])")
_INDENTED = re.compile(r" {4}|\t")
_NESTED = re.compile(r" +(?:[-*•]|\d{1,9}[.)])[ \t]")
"""A bullet under another: what it stands under may be its condition."""
_BOLD = re.compile(r"(?<!\S)\*\*([^\W\d_]+(?: [^\W\d_]+)*)\*\*(?=[.,;:!?…]?(?:\s|\Z))")
_SAID = re.compile(r"[^\W\d_]{2,}")
_PLAIN = re.compile(r"(?:[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+)[.,;:!?…]*")
_FEWEST = 3
"""Words of a line from which it is prose: a shorter one may be a command, a value or a name."""
_UNIT = 2
"""Characters of a word whose capitals may say how much: Mb, Gb."""
_LAST_STOPS = ".!…"
_SENTENCE_STOPS = (".", "!", "?", "…")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_SIGN = re.compile(r"[^\w\s.,;:!?…'\"()\[\]\u2018\u2019\u201c\u201d*_`~-]|(?<!\w)-(?=\d)")
"""A character that may say something by itself: +, #, $, an emoji, or a minus."""
_TELLING_SIGN = re.compile(r"[-+#<>=≤≥‹›$€£¥%&|/\\^]")
_LINK = re.compile(r"https?://\S+|\bwww\.\S+", re.IGNORECASE)
_ASKING_WORDS = frozenset(
    "how what when where who whom whose which why wie was wann wo wohin woher wer wen wem warum "
    "wieso welche welcher welches".split()
)
_SHORTEST = 4
"""Characters of a word in which a slip is taken for a typo: a shorter one is soon another word."""
_SAME_QUESTION = 0.5
"""Share of a question's words that it had before, from which it is still the same question."""
_NEGATIONS = frozenset(
    "not no never none nothing nobody without cannot neither nor except unless instead nicht kein "
    "keine keinen keinem keiner keines nie niemals nichts ohne weder außer statt pas sans jamais "
    "aucun aucune sauf ni sin nunca jamás ningún ninguna excepto salvo non senza mai nessun nessuna "
    "niet geen zonder nooit não sem nem inte ingen utan aldrig ikke uden uten nie bez не без нет ни "
    "değil yok olmadan nélkül".split()
)
_SAYS_LITTLE = frozenset(
    "a an the i you we they it he she my your our their its me us them this that these those is are "
    "was were be been am do does did can could may might shall should will would have has had how "
    "what where which who whom when why there here and or of so please thanks thank hello hi hey "
    "anybody anyone somebody someone everybody everyone know help way get got need want like just "
    "also really actually der die das den dem des ein eine einen einem einer eines ich du er sie wir "
    "ihr es mein meine meinen sein ist sind war waren bin kann können könnte soll sollte muss wie "
    "was wo wer wann warum welche welcher welches und oder bitte danke hallo jemand man mal denn "
    "eigentlich".split()
)


def is_small(approved: str, edited: str) -> bool:
    """Decide whether an edit may be shown without anybody's having looked at it.

    No word, number, link, name, code or stop may come, go, move or change. Free are

    - spaces and empty lines, and a line break behind the end of a sentence;
    - a bullet before a line of at least three words;
    - in lines of nothing but words and numbers (at least three words): bold words, and the capital
      letter at the beginning of a sentence; the stop at the very end, unless it asks.

    Code in fences and indented lines stay as they are, to the space.

    Args:
        approved: The words that were approved, however often they were edited since.
        edited: What they are to be.
    """
    return _content(approved) == _content(edited)


def is_another_question(approved: str, edited: str) -> bool:
    """Decide whether a question has become another one, which its answers may not answer.

    Details may be added, or left out. It is another one where

    - fewer than half of its words were in it when its answer was approved,
    - a word that says something gives way to another one, unless it had lost a slip, or
    - a negation came or went.

    Args:
        approved: Its fingerprint when an answer to it was approved.
        edited: Its words now.
    """
    now, before = _said_in(edited), set(approved.split())
    if not now:
        return True
    came = {word for word in now if _hashed(word) not in before}
    if len(now) - len(came) < _SAME_QUESTION * len(now) or came & _NEGATIONS:
        return True
    went = before - {_hashed(word) for word in now} - {_hashed(word) for word in _SAYS_LITTLE}
    if went & {_hashed(word) for word in _NEGATIONS}:
        return True
    mended = {slip for word in came for slip in map(_hashed, _slips_of(word)) if slip in went}
    are_new = {
        word
        for word in came - _SAYS_LITTLE
        if not mended.intersection(map(_hashed, _slips_of(word)))
    }
    return bool(went - mended) and bool(are_new)


def is_turned(before: str, edited: str) -> bool:
    """Decide whether an edit may make a question ask something else, however alike the words are.

    Sentences may be added at the end, without links, and end sentences be left out; slips and words
    that say little may change. Another order of the words that say something, one more within what
    was asked, another word that asks (who, how) or another sign (C++, -5) may turn it round.
    """
    if _ASKING_WORDS.intersection(_said_in(before)) ^ _ASKING_WORDS.intersection(_said_in(edited)):
        return True
    signs, signs_now = Counter(_SIGN.findall(before)), Counter(_SIGN.findall(edited))
    came = signs_now - signs
    if signs - signs_now or any(_TELLING_SIGN.search(sign) for sign in came):
        return True
    if set(_LINK.findall(edited)) - set(_LINK.findall(before)):
        return True
    was, now = _telling_words(before), _telling_words(edited)
    if len(now) < len(was):
        return not (_are_alike(was[: len(now)], now) and _ends_before(before, len(now)))
    return not (_are_alike(was, now[: len(was)]) and _ends_before(edited, len(was)))


def _telling_words(text: str) -> list[str]:
    words = (match[0].casefold().replace("\u2019", "'") for match in _WORD.finditer(text))
    return [word for word in words if word not in _SAYS_LITTLE]


def _are_alike(was: Sequence[str], now: Sequence[str]) -> bool:
    return all(a == b or a in _slips_of(b) for a, b in zip(was, now, strict=True))


def _ends_before(edited: str, telling: int) -> bool:
    """Whether a sentence ends with so many telling words, or nothing follows them."""
    matches = [m for m in _WORD.finditer(edited) if m[0].casefold() not in _SAYS_LITTLE]
    if len(matches) <= telling:
        return True
    between = edited[matches[telling - 1].end() if telling else 0 : matches[telling].start()]
    return bool(re.search(r"[.!?\n。！？]", between))


def fingerprint(question: str) -> str:
    """Return what tells later whether a question is still the same, and none of its words."""
    return " ".join(sorted({_hashed(word) for word in _said_in(question)}))


def _said_in(question: str) -> set[str]:
    words = (word.casefold().replace("\u2019", "'") for word in _WORD.findall(question))
    # English writes "not" into another word.
    return {
        part for word in words for part in ([word[:-3], "not"] if word.endswith("n't") else [word])
    }


def _hashed(word: str) -> str:
    return blake2s(word.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _content(text: str) -> list[str]:
    """Return what has to stay of a text."""
    content: list[str] = []
    for at, part in enumerate(_FENCE.split(text)):
        content.extend([part] if at % 2 else _lines(part))
    if content and _is_prose(content[-1].split()):
        content[-1] = content[-1].rstrip(_LAST_STOPS)
    return content


def _lines(text: str) -> Iterator[str]:
    """Read what has to stay of each line, with sentences of prose that follow each other in one."""
    prose = ""
    for line in filter(str.strip, text.splitlines()):
        words = _BOLD.sub(r"\1", _unlisted(line)).split()
        if _INDENTED.match(line) or _NESTED.match(line) or not _is_prose(words):
            margin = line[: len(line) - len(line.lstrip())].replace("\u00a0", " ")
            yield from filter(None, [prose, margin + _unlisted(line).lstrip()])
            prose = ""
            continue
        if prose and not prose.endswith(_SENTENCE_STOPS):
            yield prose
            prose = ""
        prose = " ".join(filter(None, [prose, *_without_capitals(words)]))
    if prose:
        yield prose


def _unlisted(line: str) -> str:
    """Return a line without its bullet; whole where it may be code, or a bullet may be a minus."""
    if _INDENTED.match(line) or _NESTED.match(line):
        return line.rstrip()
    bare = _BULLET.sub("", line)
    return (bare if len(_SAID.findall(bare)) >= _FEWEST else line).strip()


def _is_prose(words: list[str]) -> bool:
    return len(words) >= _FEWEST and all(map(_PLAIN.fullmatch, words))


def _without_capitals(words: list[str]) -> Iterator[str]:
    is_first = True
    for word in words:
        # Another capital letter means something, and so does that of a unit.
        yield word.lower() if is_first and len(word) > _UNIT and word[1:].islower() else word
        is_first = word.endswith(_SENTENCE_STOPS)


def _slips_of(word: str) -> Iterator[str]:
    """Write a word with one slip: a letter too many, one missing, or two that changed places."""
    if len(word) < _SHORTEST or not word.isalpha():
        return
    places = range(1, len(word))
    yield from (word[:at] + word[at + 1 :] for at in places)
    letters = {*ascii_lowercase, *word}
    yield from (word[:at] + letter + word[at:] for at in (*places, len(word)) for letter in letters)
    yield from (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1])
