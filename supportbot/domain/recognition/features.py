# ruff: noqa: E501 - a sign is a list of words, and is read as one
"""What can be seen in a message: the features from which it is recognised.

Each feature is a name and a number, most of them 0 or 1, so that a coefficient can be read as
what it is. Nothing here needs a language model, and nothing is learned here: the weights stand in
`recognition_model`.
"""

import math
import re
from collections.abc import Mapping

Features = Mapping[str, float]
"""What is seen in a message; what is not named is 0."""

_HEAD, _TAIL = 3_000, 1_000
"""Characters that are looked at: a long message asks at its start or at its end."""
_MOST_SENTENCES = 80
_SHORT, _LONG = 4, 40
"""Words of a short and of a long message."""


def asking_features(text: str) -> Features:
    """See in a message whatever tells a question to the group from talk."""
    words = said(text)
    sentences = _sentences(words)
    first, last = (sentences[0], sentences[-1]) if sentences else ("", "")
    found = _found(_ASKING, words)
    found |= _found(_SHAPES, looked_at(text))
    found |= {f"opens: {name}": 1.0 for name in _found(_OPENINGS, first)}
    asked = asked_sentences(words)
    found |= {
        "asks": min(len(asked), 1),
        "asks more than once": min(max(len(asked) - 1, 0), 3),
        "asks first": _ends_asking(first),
        "asks last": _ends_asking(last),
        "asks without context": bool(asked) and _count(words) <= _SHORT,
        "asks in other words": any(_INTERROGATIVE.search(s) for s in sentences) and not asked,
        "asks with a question word": any(_INTERROGATIVE.search(s) for s in asked),
        "asks with a statement": any(not _INTERROGATIVE.search(s) for s in asked),
        "asks you": any(_YOU.search(s) and not _GROUP.search(s) for s in asked),
        "asks about that": any(_POINTING.search(s) for s in asked),
        "asks at length": math.log1p(max(map(_count, asked), default=0)) / 4,
    }
    return _with_length(found, words)


def reply_features(text: str) -> Features:
    """See in a reply whatever tells an answer, or a thanks, from talk."""
    words = said(text)
    sentences = _sentences(words)
    first, last = (sentences[0], sentences[-1]) if sentences else ("", "")
    found: dict[str, float] = _found(_REPLYING, words) | _found(_SHAPES, looked_at(text))
    found |= {f"opens: {name}": 1.0 for name in _found(_OPENINGS, first)}
    asked = asked_sentences(words)
    found |= {
        "asks": min(len(asked), 1),
        "asks last": _ends_asking(last),
        "asks you": any(_YOU.search(s) for s in asked),
        "asks with a question word": any(_INTERROGATIVE.search(s) for s in asked),
        "only asks": bool(asked) and len(asked) == len(sentences),
        "only agrees": "me too" in found and _count(words) <= _SHORT,
    }
    is_plain = not asked and not any(name in found for name in _RESERVED)
    if is_plain and "thanks" in found:
        found["thanks plainly"] = 1.0
        found["thanks and no more"] = float(len(_uncourteous(words)) <= 1)
    if is_plain and "solved" in found:
        found["solved plainly"] = 1.0
    return _with_length(found, words)


def looked_at(text: str) -> str:
    """Cut a long text to what is looked at, so that the time does not grow with the text."""
    if len(text) <= _HEAD + _TAIL:
        return text
    return f"{text[:_HEAD]}\n{text[-_TAIL:]}"


def said(text: str) -> str:
    """Return a person's own words in lower case: no code, no addresses, nothing quoted."""
    text = looked_at(text)
    for sign, plain in _PLAIN:
        text = text.replace(sign, plain)
    for passage in (_FENCED, _INLINE, _LINK):
        text = passage.sub(" … ", text)
    return _QUOTED.sub("", text).strip().lower()


def asked_sentences(words: str) -> list[str]:
    """Return the sentences that end with a question mark."""
    return [sentence for sentence in _sentences(words) if _ends_asking(sentence)]


def is_courtesy(text: str) -> bool:
    """Whether a message only greets or thanks."""
    return len(text) <= _LONGEST_COURTESY and not _uncourteous(text.lower())


def _uncourteous(words: str) -> list[str]:
    """Return the words that do more than greet or thank."""
    return [word for word in _WORD.findall(_MENTION.sub(" ", words)) if word not in _COURTEOUS]


def _ends_asking(sentence: str) -> bool:
    for character in reversed(sentence):
        if character == "?":
            return True
        if character.isalnum():
            break
    return False


def _sentences(words: str) -> list[str]:
    return [s for s in _SENTENCE_END.split(words)[:_MOST_SENTENCES] if any(map(str.isalnum, s))]


def _found(signs: Mapping[str, re.Pattern[str]], text: str) -> dict[str, float]:
    return {name: 1.0 for name, sign in signs.items() if sign.search(text)}


def _count(words: str) -> int:
    """Count the words; where they are not spaced, two signs are one."""
    return len(words.split()) + len(_IDEOGRAPH.findall(words)) // 2


def _with_length(found: dict[str, float], words: str) -> Features:
    count = _count(words)
    lengths = {
        "length": math.log1p(count) / 4,
        "short": float(count <= _SHORT),
        "long": float(count >= _LONG),
    }
    return {name: float(value) for name, value in (found | lengths).items() if value}


def _signs(**patterns: str) -> Mapping[str, re.Pattern[str]]:
    return {
        name.replace("_", " "): re.compile(pattern, re.VERBOSE)
        for name, pattern in patterns.items()
    }


_PLAIN = (
    ("\N{RIGHT SINGLE QUOTATION MARK}", "'"),
    ("\N{FULLWIDTH QUESTION MARK}", "? "),
    ("\N{ARABIC QUESTION MARK}", "? "),
    ("\N{INVERTED QUESTION MARK}", " "),
)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_INLINE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"<?\b(?:https?://|www\.)[^\s>]+>?")
_QUOTED = re.compile(r"^(?:>|&gt;).*$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s)\"'*_]+|\n+")
_GREETING = (
    r"(?:(?:hi|hello|hey|hallo|hola|good\ (?:morning|day|evening))\b[\s,!.:]*"
    r"(?:(?:all|everyone|everybody|folks|guys|team|there|people)\b[\s,!.:]*)?)?"
)
_INTERROGATIVE = re.compile(
    rf"""(?:^|[,;:(-]\s?|\b(?:so|and|but|or|question|also|then)[\s,:]+)
    \W{{0,3}}{_GREETING}
    (?:how|what|what's|why|where|when|which|who|whose|is|are|was|were|does|do|did|has|have|had|can
      |could|should|would|will|shall|may|any|anyone|anybody|someone|wie|was|warum|wo|wer|welche\w*
      |kann|gibt|hat|comment|pourquoi|est-ce|quel\w*|qui|cómo|como|qué|por\ qu[eé]|dónde|alguien
      |alguém|hur|vad|hoe|wat|waarom)\b""",
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W_]+")
_MENTION = re.compile(r"<?@\w+>?")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_LONGEST_COURTESY = 100
_COURTEOUS = frozenset(
    """hi hello hey hallo hola bonjour moin good morning day evening night bye welcome
    thank thanks you thx tks ty cheers danke merci gracias obrigado obrigada tack bedankt grazie
    vielen dank muchas beaucoup mille muito så mycket schön please very so much lot a again
    all everyone everybody folks guys team there both bot supportbot for the your this that help
    oh ah ok okay great cool nice perfect awesome excellent alright got it gotcha many
    quick answer support explanation info tip link""".split()  # noqa: SIM905 - it reads better
)
_RESERVED = ("negation", "still", "in advance", "will try", "happens", "if it")
"""With these, thanks do not mean that it is solved."""
_YOU = re.compile(r"\b(?:you|your|you're|you've|u)\b")
_GROUP = re.compile(
    r"\b(?:any|some|every)\s?(?:one|body)(?:'s)?\b|\b(?:you\ all|all\ of\ you|any\ of\ you|folks|guys|people)\b"
)
_POINTING = re.compile(
    r"^\W*(?:(?:so|and|but|or|also|then|is|was|does|did|would|could|isn't|are|were|what\ about)"
    r"[\s,]+)*(?:that|this|it|it's|that's|those|these|he|she|they|there|the\ (?:same|other))\b"
)

_OPENINGS = _signs(
    greeting=r"^\W*(?:hi|hello|hey|hallo|hola|greetings|good\ (?:morning|day|evening))\b",
    mention=r"^\W{0,3}(?:<@\w+>|@(?!here\b|channel\b|everyone\b|all\b)\w+)",
    name=r"^(?!hi|hello|hey|question|problem|help|error|issue|all|everyone|note|edit)\w[\w-]+:\s",
    agreement=r"""^\W*(?:yes|yeah|yep|yup|ya|ok|okay|k|sure|right|true|exactly|agreed|correct|indeed
        |absolutely|alright|got\ it|i\ see|makes\ sense|gotcha|no\ worries)\b""",
    refusal=r"^\W*(?:no|nope|nah|not\ really|i\ don't\ (?:know|think))\b",
    exclamation=r"^\W*(?:oh|ah+|hm+|wow|lol|haha\w*|damn|nice|cool|great|awesome|interesting|sorry)\b",
    thanks=r"^\W*(?:thanks|thank\ you|thx|tks|ty|cheers|merci|danke|gracias|obrigad[oa]|tack)\b",
    conjunction=r"^\W*(?:and|but|or|because|cause|since|then|though|unless|well|actually|except)\b",
    so=r"^\W*(?:so|also|btw|anyway)\b",
    pointing=r"^\W*(?:that|this|it|he|she|they|those|these|there)(?:'s|'ll|'d|'re)?\b",
    you=r"^\W*(?:you|your|you're|you'd|you'll|u)\b",
    maybe=r"^\W*(?:maybe|perhaps|probably|i\ think|i\ guess|imho|imo|i\ believe|iirc|afaik)\b",
    advice=r"""^\W*(?:try|use|check|see|look|install|run|add|set|remove|just|make|read|change|put|go
        |have\ a\ look|take\ a\ look|you\ (?:can|could|should|need|have\ to|may|might|must))\b""",
    question_word=r"^\W*(?:how|what|what's|why|where|when|which|who)\b",
    does_it=r"^\W*(?:is|are|does|do|did|has|have|can|could|should|would|will|am)\b",
    anyone=r"^\W*(?:(?:has|does|is|can|could|if)\s+)?(?:any|some)\s?(?:one|body)\b",
    i=r"^\W*(?:i|i'm|i've|i'd|my|we|we're|we've|our|im|ive)\b",
)
_SHAPES = _signs(
    code=r"```|\[code\]",
    inline_code=r"`[^`\n]+`",
    link=r"https?://",
    only_a_link=r"\A\s*<?https?://\S+\s*$",
    mention=r"<@\w+>|(?:^|\s)@\w",
    quote=r"^(?:>|&gt;)",
    list=r"(?m:^[^\S\n]{0,8}[-*•●]\ .*\n[^\S\n]{0,8}[-*•●]\ )",
    exclamation_mark=r"!",
    no_letters=r"^[\W_]*$",
    open_end=r"(?:[:;,]|\.\.\.|…)\s*$",
    no_stop=r"[^\W_]\s*$",
)
_PROBLEM = r"""\b(?:errors?|exceptions?|fail(?:s|ed|ing|ure)?|crash\w*|panic\w*|traceback|stuck|trouble
    |struggl\w+|unable|broken|refused|(?:does|do|did|is|was)n't\ work\w*|not\ (?:working|able|found)
    |(?:can't|cannot|can\ not|couldn't|won't)|stopped\ working|problems?|issues?)\b"""
_GRATITUDE = r"""\b(?:thanks|thank\ (?:you|u)|thankyou|thx|thnx|tks|ty|tysm|cheers|much\ appreciated
    |danke\w*|merci|gracias|obrigad[oa]|tack|bedankt|dank\ je|grazie|dzi[eę]kuj[eę]|tak|kiitos)\b
    |спасибо|ありがとう|谢谢|謝謝|감사"""
_ASKING = _signs(
    anyone=r"""\b(?:(?:any|some)\s?(?:one|body)|any\ of\ you|you\ guys|all\ of\ you|jemand|alguien
        |alguém|quelqu'un|iemand|någon|qualcuno)\b|誰か|有人""",
    to_all=r"\b(?:hi|hello|hey)\W+(?:all|everyone|everybody|folks|guys|team|there|people)\b",
    help=r"\b(?:help|advice|guidance|assist\w*|hilfe|ayuda|ajuda|aide|hulp|hjälp|aiuto)\b",
    please=r"\b(?:please|pls|plz|kindly)\b",
    ideas=r"\b(?:any|your)\s(?:\w+\s)?(?:ideas?|hints?|suggestions?|pointers?|thoughts?|tips?|input)\b",
    thoughts=r"\bthoughts\s?\?|\bwhat\ (?:do|does|would)\ (?:you|people|everyone|folks)\b",
    how_to=r"""\bhow\s(?:to|do|does|can|could|should|would|is|are)\b|\b(?:a|any|best|right)\ way\b
        |\b(?:wie\s(?:kann|geht|macht|man|bekomm\w*)|cómo|como\s(?:posso|faço|faz|puedo)
        |comment\s(?:faire|puis|peut|on|je)|hoe\s(?:kan|moet|doe)|hur\s(?:gör|kan|ska)|come\s(?:posso|si))\b
        |怎么|如何|哪里|哪儿|为什么|どうやって|どこ|なぜ|方法|어떻게|어디""",
    is_there=r"\b(?:is|are)\s+there\b",
    possible=r"\bpossible\b|\bsupposed\ to\b",
    wondering=r"\b(?:wonder\w*|curious|confused|not\ sure|unsure|no\ idea|don't\ understand|understand\ why"
    r"|figure\ out|do\ i\ need|am\ i|missing\ something|what\ am\ i|doing\ wrong)\b",
    question=r"\b(?:questions?|doubt)\b",
    whether_known=r"\b(?:anyone|anybody|someone|does\ any\w*)\b.{0,20}\b(?:know|knows|had|seen|aware|used|using)\b",
    problem=_PROBLEM,
    my_problem=rf"\b(?:i|i'm|i've|im|my|we|we're|our)\b[^.?!\n]{{0,60}}{_PROBLEM}",
    trying=r"\b(?:trying\ to|attempting|tried|try\ to|followed|following)\b",
    want=r"\b(?:i|we)(?:'d|\ would)?\ (?:want|need|like|love)\b|\blooking\ (?:for|to)\b",
    getting=r"\b(?:i|we)(?:'m|\ am|\ are|'re|\ keep)?\ (?:get|getting|got|seeing|see|facing|having)\b",
    new_here=r"\b(?:new\ to|newbie|beginner|noob|first\ time|just\ started|getting\ started)\b",
    me=r"\b(?:i|i'm|i've|i'd|me|my|im)\b",
    you=r"\b(?:you|your|you're|you'll)\b",
    told_you=r"\b(?:you\ (?:can|could|should|need\ to|have\ to|might|want|must)|i\ (?:would|suggest))\b",
    thanks=_GRATITUDE,
    in_advance=r"\bin\ advance\b|\b(?:any|your|the)\ help\b|\bwould\ be\ (?:great(?:ly)?|much)?\s?appreciated\b",
    made=r"""\b(?:i|we|i've|we've)(?:'ve|\ have)?\ (?:just\ |recently\ |finally\ )?(?:made|created|wrote
        |written|built|published|released|updated|added|opened|merged|pushed|fixed|posted|upgraded)\b""",
    news=r"""\b(?:announc\w+|releas\w+|introducing|fyi|psa|changelog|check\ (?:it\ )?out|now\ available
        |feedback\ (?:is\ )?welcome|let\ me\ know|wanted\ to\ share|sharing|new\ version|added|renamed
        |fixed\ (?:a\ )?bugs?|open\ source|here's|here\ is)\b|\bv\d+\.\d""",
    wish=r"""\b(?:would\ be\ (?:nice|great|cool|good|better|amazing|awesome)|should\ be|feature\ request
        |what\ if|idea:|proposal|i\ think|i\ feel|we\ should|wish)\b""",
    plan=r"\b(?:i'll|i\ will|we'll|going\ to|let's|i\ can|i\ could|i\ plan|i'd\ be\ happy)\b",
    emoji=r":\w+:|[\U0001F300-\U0001FAFF]",
)
_REPLYING = _signs(
    thanks=_GRATITUDE,
    solved=r"""\b(?:solved|resolved|(?:that|this|it|all|now|everything)(?:'s|\ is|\ was)?\ (?:all\ )?
        (?:worked|works|working|fixed|helped|helps|did\ it|did\ the\ trick|fine\ now)|did\ the\ trick
        |fixed\ it|fixed\ (?:the|my)|works\ (?:now|great|perfectly|fine|well)|worked
        |working\ (?:now|fine|perfectly)|all\ good|makes\ (?:perfect\ |more\ )?sense|that\ helps|it\ helped
        |very\ helpful|exactly\ what\ i|answers\ my\ question|was\ missing|got\ it\ (?:working|to\ work))\b
        |\bfunktioniert\b|\bgel[oö]st\b|\bça\ marche\b|\bfunciona\b|\bresuelto\b""",
    negation=r"\b(?:not|no|never|neither|nothing|without|unsolved|unfortunately|sadly)\b|n't\b|\bnicht\b",
    still=r"\bstill\b|\bagain\b|\bsame\ (?:error|problem|issue|result|thing)\b|\bbut\b|\bhowever\b|\banyway\b|\btho(?:ugh)?\b",
    in_advance=r"\bin\ advance\b|\bim\ voraus\b|\bd'avance\b|\bde\ antemano\b",
    will_try=r"""\b(?:i'll|i\ will|we'll|will|let\ me|gonna|going\ to|i\ may|i\ might)\W+(?:\w+\W+){0,2}?
        (?:try|check|test|look|see|read|do|give|investigate|move|use)\b|\btry\ (?:it|that|this)\b""",
    for_trying=r"\bthanks?\ (?:you\ )?for\ (?:trying|the\ (?:report|feedback|quick)|your\ (?:response|reply|time)|asking|reporting|looking)",
    happens=_PROBLEM,
    if_it=r"\b(?:if|when|once|should|would|might|could|hope\w*)\b",
    me=r"\b(?:i|i'm|i've|i'd|me|my|im)\b",
    you=r"\b(?:you|your|you're|you'll)\b",
    advice=r"""\b(?:you\ (?:can|could|should|need|have\ to|may|might|must|want)|try|use|check|install
        |run|add|set|remove|instead|there\ is|there's|there\ are|see|docs?|documentation|make\ sure)\b""",
    asking_back=r"""\b(?:can\ you|could\ you|would\ you|do\ you|did\ you|are\ you|have\ you|were\ you|what\ do\ you
        |which\ version|paste|post\ (?:your|the)|share\ (?:your|the)|show\ (?:me|us|the|your)|do\ you\ mean)\b""",
    me_too=r"""\b(?:same\ (?:here|issue|problem|question|error)|me\ too|\+1|following|also\ (?:see|have|interested)
        |i\ have\ (?:the\ )?same|can\ reproduce|following\ this|subscribed|bump|same\ boat)\b|\+\s?1\b""",
    praise=r"\b(?:nice|cool|great|awesome|neat|good\ (?:work|job|find)|sweet|well\ done|amazing|wow|love)\b",
    know=r"\b(?:i\ (?:think|guess|believe|don't\ know)|iirc|afaik|because|since|means|works|probably)\b",
    number=r"\d",
    emoji=r":\w+:|[\U0001F300-\U0001FAFF]",
)
