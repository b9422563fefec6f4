# ruff: noqa: E501, RUF001 - lists of words, in several scripts
"""What somebody writes close to a question of theirs: a question of its own, a part of it, neither.

Time says only that two messages may belong together. Whether they do is read from their words.
"""

import re
from enum import StrEnum
from typing import Final

from supportbot.domain.recognition.acknowledgements import (
    complaint_without_content,
    is_acknowledgement,
)
from supportbot.domain.recognition.features import said
from supportbot.domain.recognition.kinds import ASKS, asks_probability, has_words
from supportbot.domain.recognition.trouble import Trouble, trouble_told


class Relation(StrEnum):
    """How a message is related to a question that its author wrote within seconds of it."""

    OWN = "own"
    """It asks something by itself."""
    PART = "part"
    """It goes on with the question, or may: a detail, a nudge, an error text."""
    APART = "apart"
    """Nothing in it says that it has to do with the question."""


def relation_to(question: str, message: str) -> Relation:
    """Decide what a message is to a question that was written just before it.

    Where it may be either, it is a part: the reply to the question then covers it.

    Args:
        question: All that was asked so far; what is empty but for a request to be heard ("can
            anybody help?") is gone on with by whatever comes next.
        message: What the same person wrote next.
    """
    if not has_words(message) or (is_acknowledgement(message) and not _NUDGE.search(message)):
        return Relation.APART
    if ends_open(question) or not _subjects(question):
        return Relation.PART
    if _TO_SOMEBODY.search(message) and _subjects(message):
        return Relation.APART
    if _leans(message) or only_complains(message):
        return Relation.PART
    if asks_probability(message) >= ASKS or _tells_of_other_trouble(question, message):
        return Relation.OWN
    return Relation.PART if tells_about(question, message) else Relation.APART


def _tells_of_other_trouble(question: str, message: str) -> bool:
    is_about_it = _REFERRING.search(said(message)) or _COPIED.search(message)
    is_trouble = trouble_told(message) is Trouble.PLAIN
    return bool(is_trouble and not is_about_it and not _subjects(question) & _subjects(message))


def leads_to(question: str, message: str) -> bool:
    """Whether a message that was written just before a question belongs to it.

    One that asks something by itself does so only where the question says nothing without it, as
    "any idea?" does.
    """
    if not has_words(message) or is_acknowledgement(message):
        return False
    if _leans(question) or not _subjects(question) or ends_open(message):
        return True
    is_to_all = not _TO_SOMEBODY.search(message) and asks_probability(message) < ASKS
    return is_to_all and tells_about(question, message)


def tells_about(question: str, message: str) -> bool:
    """Whether a message tells a detail: of oneself, of what was named before, or a thing copied."""
    words = said(message)
    is_detail = _DETAIL.search(words) or _COPIED.search(message)
    return bool(is_detail or _subjects(question) & _subjects(message))


def only_complains(message: str) -> bool:
    """Whether a message says that an answer did not help, and nothing that could be searched."""
    rest = complaint_without_content(message)
    return rest != message and not _subjects(rest) and not _COPIED.search(message)


def ends_open(text: str) -> bool:
    """Whether a text announces that more is coming, as "I get this:" does."""
    return bool(_OPEN_END.search(text))


def _leans(message: str) -> bool:
    """Whether a message cannot be understood without what was said before it."""
    words = said(message)
    subjects = _subjects(message)
    if not subjects:
        return not _COPIED.search(message)
    most = 1 if asks_probability(message) >= ASKS else _FEW
    return len(subjects) <= most and bool(_POINTER.search(words) or _FRAGMENT.search(words))


def _subjects(text: str) -> frozenset[str]:
    """Return the words that say what a text is about, cut to what their forms have in common."""
    words = said(_MENTION.sub(" ", text))
    found = {word[:_STEM] for word in _WORD.findall(words) if word not in _EMPTY}
    runs = _UNSPACED.findall(words)
    pairs = {run[i : i + 2] for run in runs for i in range(len(run) - 1)} - _EMPTY_PAIRS
    return frozenset({word for word in found if len(word) > _SHORT or word.isdigit()} | pairs)


_FEW: Final = 2
_SHORT: Final = 2
_STEM: Final = 6
_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_MENTION = re.compile(r"<?@\w+>?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]{2,}")
_OPEN_END = re.compile(
    r"(?:[:,;]|\.\.\.|…|\b(?:and|but|because|with|says|this))\s*\Z", re.IGNORECASE
)
_TO_SOMEBODY = re.compile(r"\A\W{0,3}(?:<@\w+>|@(?!here\b|channel\b|everyone\b|all\b)\w+)")
_POINTER = re.compile(
    r"""\b(?:it|its|it's|that|that's|this|these|those|them|they|one|ones|same
    |das|dies\w*|damit|dafür|dort|es|denn|ça|cela|ceci|celui|celle|y|eso|esto|ese|esa|isso|isto|dat|dit
    |det|den)\b|这|那|这个|那个|それ|これ|あれ|そこ""",
    re.VERBOSE,
)
_NUDGE = re.compile(r"\b(?:help|any(?:one|body)|please|pls|plz)\b|\?\s*\Z", re.IGNORECASE)
_REFERRING = re.compile(
    r"\A\W*(?:the|it|it's|this|that|these|those|they|there|here|error|log|logs|output|traceback|same|still|nothing)\b"
)
_FRAGMENT = re.compile(
    r"""\A\W*(?:and|but|or|because|cause|since|though|unless|except|otherwise|also|plus|ps|p\.s|edit
    |update|on|in|at|for|from|with|without|under|using|after|before|by|to|of|when|if|while|the|a|an
    |even|only|still|already|maybe|any|und|oder|aber|auch|mit|ohne|auf|bei|seit|im|et|ou|mais|aussi
    |avec|sans|sur|dans|y|o|pero|también|con|sin|en|e|mas|também|com|sem|em|no|na|en|of|maar|ook|met
    |zonder|op|och|eller|men|också|med|utan|på|а|и|но|или|с|без|на|в|или)\b""",
    re.VERBOSE,
)
_DETAIL = re.compile(
    r"""\A\W*(?:the|it|it's|its|this|that|that's|these|those|they|there|here|here's|my|our|i|i'm|i've
    |i'd|im|ive|we|we're|we've|when|whenever|if|after|before|since|because|with|without|using|on|in|at
    |for|from|under|version|versions|error|errors|log|logs|output|screenshot|details?|context|note
    |example|e\.g|i\.e|ps|p\.s|edit|update|and|but|or|also|plus|same|even|still|only|already|tried
    |running|maybe|probably|just|so|then|no|yes|nothing|everything|looks|seems|says|shows|please|pls
    |urgent|der|die|das|es|ich|wir|mein\w*|unser\w*|und|oder|aber|auch|mit|ohne|auf|bei|im|in|seit|wenn
    |nach|le|la|les|il|elle|c'est|je|j'ai|nous|mon|ma|mes|notre|et|ou|mais|avec|sans|sur|dans|quand
    |el|los|las|es|yo|mi|mis|nuestr\w+|y|o|pero|con|sin|en|cuando|o|os|as|é|eu|meu|minha|nosso|e|mas
    |com|sem|em|quando|het|de|ik|wij|mijn|ons|maar|met|zonder|op|bij|jag|vi|min|vår|och|men|med|utan
    |på|när|я|мы|мой|моя|наш|у|и|но|а|с|без|на|в|это|когда|после)\b""",
    re.VERBOSE,
)
_COPIED = re.compile(
    r"```|`[^`\n]+`|https?://|^(?:>|&gt;)|[\"“'‘«„].{4,}[\"”'’»“]|\b\w+(?:Error|Exception)\b"
    r"|\bTraceback\b|\b(?:v\s?)?\d+(?:\.\d+)+\b|\b[A-Z]{2,}[-_]?\d+\b|0x[0-9a-fA-F]+",
    re.MULTILINE,
)
_EMPTY = frozenset(
    """a an the and or but if then so of to in on at for from with without by as is are was were be been
    am do does did doing done have has had having can could should would will shall may might must
    not no yes i i'm i've i'd im ive me my mine we we're we've our us you you're your yours it it's its he she
    they them their there this that that's these those here what what's which who whom whose when where why how
    any anyone anybody anything some someone somebody something everyone everybody all both else other
    another one ones thing things way ways idea ideas hint hints clue thought thoughts suggestion
    suggestions tip tips pointer pointers advice help helps helping assist assistance please pls plz
    kindly thanks thank thx ty hi hello hey hallo hola guys folks team people good morning day evening
    know knows knew tell explain say says see sees look looks looking need needs want wants like get
    gets got try tried trying make makes use used using work works working fix solve problem problems
    issue issues question questions quick again also too still just really very much more most now
    today please urgent urgently asap possible sure right maybe even only out about into up down than
    lot bit new don't doesn't didn't isn't can't cannot won't up ok okay sorry excuse
    kann kannst können jemand wer wie was wo wann warum weiß wissen hilfe helfen bitte ich wir es das der
    hilft geholfen die den dem ein eine einen mein meine und oder aber auch ist sind war hat haben mir uns nicht geht
    frage problem idee ideen dazu man
    quelqu'un quelqu qui que quoi comment pourquoi où quand est une un les des aide aider svp bonjour je
    nous avez vous idée idées peut pouvez savez sait
    alguien quién qué cómo dónde cuándo ayuda ayudar favor una uno los las puede pueden sabe saben idea
    ideas hola por para
    alguém quem como onde quando ajuda ajudar uma pode podem sabe sabem
    iemand wie hoe waar waarom hulp helpen weet een het kan iets
    någon hur var varför hjälp vet kan en ett
    кто как что где почему помогите помощь подскажите пожалуйста может знает""".split()  # noqa: SIM905
)
_EMPTY_PAIRS = frozenset(
    """吗呢 怎么 如何 什么 请问 谁知 知道 大家 帮忙 帮助 です ます すか どう 誰か 教え えて くだ ださ
    さい""".split()  # noqa: SIM905
)
