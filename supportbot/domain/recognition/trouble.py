# ruff: noqa: E501, RUF001 - lists of words, in many scripts
"""Trouble that somebody tells of without asking: "Login broken", "the API returns 429 all the time".

In a support channel that is a question. A report that it is over, an announcement, advice to
somebody else, and talk about life are not.
"""

import re
from enum import StrEnum
from typing import Final

from supportbot.domain.recognition.features import asked_sentences, looked_at, said


class Trouble(StrEnum):
    """How plainly a message tells of trouble that its author has now."""

    PLAIN = "plain"
    """It can be nothing else."""
    FAINT = "faint"
    """It may also be talk: whether something is known about it can tell."""
    NONE = "none"


def trouble_told(text: str) -> Trouble:
    """Decide how plainly a message tells of trouble."""
    words = said(text)
    if _is_pasted_error(text, words):
        return Trouble.PLAIN
    if _TO_SOMEBODY.search(text) or _is_something_else(_IN_QUOTES.sub(" … ", words)):
        return Trouble.NONE
    if _HELP.search(words) or _quotes_an_error(text, words) or _ELSEWHERE.search(words):
        return Trouble.PLAIN
    if not (_FAILS.search(words) or _STATE.search(words)) or _OPINION.search(words):
        return Trouble.NONE
    # What is asked besides is a question, or is none, by its wording alone.
    is_talk = asked_sentences(words) or _TALKED_OF.search(text)
    return Trouble.PLAIN if _is_plain(words) and not is_talk else Trouble.FAINT


def _is_plain(words: str) -> bool:
    count = len(words.split())
    if not _FAILS.search(words):
        return count <= _BRIEF or (count <= _LONG and bool(_OURS.search(words)))
    is_acute = count <= _SHORT or bool(_ANCHOR.search(words)) or bool(_ACUTE.search(words))
    return count <= _LONG and is_acute


def _is_something_else(words: str) -> bool:
    return any(sign.search(words) for sign in (_OVER, _ANNOUNCED, _ADVICE, _REPLY, _DONE, _LIFE))


def _is_pasted_error(text: str, words: str) -> bool:
    """Whether a message is an error that was copied, with hardly a word beside it."""
    found = _PASTED.search(looked_at(text))
    return bool(found) and not _OVER.search(words) and not _REPLY.search(words)


def _quotes_an_error(text: str, words: str) -> bool:
    return bool(_QUOTED_ERROR.search(looked_at(text)) or _GETS.search(words))


_SHORT: Final = 6
_BRIEF: Final = 8
_LONG: Final = 25
_TO_SOMEBODY = re.compile(r"\A\W{0,3}(?:<@\w+>|@(?!here\b|channel\b|everyone\b|all\b)\w+)")
_TALKED_OF = re.compile(r"`[^`\n]+`|https?://")
"""Code and addresses are what people talk about, where nothing else tells of trouble."""
_IN_QUOTES = re.compile(r"[\"“«„][^\"”»“\n]{4,}[\"”»“]|(?<!\w)['‘][^'’\n]{4,}['’](?!\w)")
_ANCHOR = re.compile(
    r"""\b(?:i|i'm|i've|we|we're|we've|my|our|me|us|since|today|yesterday|this\ (?:morning|week|afternoon)|last\ (?:night|week)|again|any\s?more|all\ (?:the\ time|day|of\ a\ sudden)
    |suddenly|somehow|always|every\ (?:time|\w+\ minutes?|day)|constantly|randomly|sometimes|keeps?|still|right\ now|at\ the\ moment|after|when\ i|whenever|users?|customers?|nobody|no\ one|everyone|production|the\ new|(?:on|in|with|for)\ (?:the|our|all|version|windows|linux|mac\w*|android|ios|iphone|chrome|firefox|safari|edge|outlook|teams))\b""",
    re.VERBOSE,
)
_OURS = re.compile(
    r"""\b(?:my|our|since|today|yesterday|this\ (?:morning|week|afternoon)|last\ night|again|all\ (?:the\ time|day)|suddenly|always|constantly|keeps?|still|after|when\ i|whenever|users?|customers?|production)\b""",
    re.VERBOSE,
)
_OPINION = re.compile(
    r"""\bi\ (?:do(?:n't|\ not)|did(?:n't|\ not)|was(?:n't|\ not)|have(?:n't|\ not)|am\ not|can't|cannot|could(?:n't|\ not))\ (?:really\ |even\ |typically\ |usually\ )?(?:know|use|used|think|prefer|understand|sure|expect\w*|seen|feel|follow\w*|want|need|mean|have\ (?:a|any)\ (?:strong|idea)|shake|help\ (?:but|it)|say|mind)\b
    |\bi'm\ not\b|\bi\ (?:just\ |also\ |then\ |really\ )?(?:think|guess|assume|suppose|wonder|prefer|wish|agree|doubt|feel|like|noticed|tried|looked|found|took|used|recall|debugged)\b|\bi\ (?:do(?:n't|\ not))\ (?:see|get)\ (?:how|why|that|any|it)\b|\blike\ i\ said\b|\A\(|\bi'm\ (?:thinking|guessing|curious|going|eager|reading|wondering)\b|\bmy\ (?:guess|mistake|understanding|point|opinion)\b|\b(?:imho|imo|fwiw|afaik|iirc|tbh)\b|\bin\ general\b|\beither\W*\Z
    |\b(?:docs?|documentation|spec|specification|teaser|article|blog|talk|book|tutorial)\b[^.!?\n]*\bsays?\b|\A\W*(?:wait|ouch|otherwise|finally|consider|until|sooner|exceptions|just|ugh,)\b|\b(?:like|than)\ (?:it's|it\ is)\ worth\b""",
    re.VERBOSE,
)
_FAILS = re.compile(
    r"""\b(?:does|do)(?:n't|\ not)\b(?!\W+(?:\w+ly\ |even\ )?(?:support|exist|have|know|want|mean|need|matter|make|look|seem|recall|imply|say|like|care|think|allow|require|include|contain|count))|\b(?:is|are|was|were)(?:n't|\ not)\ (?:\w+ing|\w+ed|able|possible|available|visible|there|sent|shown|found|read|accessible|reachable|valid|usable|in\ (?:the|my|our))\b|\b(?:has|have)(?:n't|\ not)\ (?:been\ )?(?:arrived|come|worked|run|sent|loaded|started|synced|updated|received|delivered|changed)\b|\b(?:doesnt|dont|isnt|cant|wont|didnt)\b|\b(?:can't|cannot|can\ not|won't|couldn't|could\ not|unable\ to|not\ able\ to|not\ possible\ to|impossible\ to)\b
    |\bdid(?:n't|\ not)\ (?:run|start|come|arrive|work|load|send|sync|fire|finish|update|get|print|save|show|open)\b|\bnever\ (?:arrives?|comes?|finishes|loads?|ends?|starts?|works?)\b
    |\bno\ longer\ (?:work\w*|loads?|opens?|prints?|shows?|starts?|sync\w*|appears?|possible|available)\b|\bstopped\ \w+ing\b|\bhas\ stopped\b
    |\b(?:fails?|failing|crashes|crashing|hangs?|freezes?|aborts|breaks|drops|drains|disappears?|vanish(?:es)?|refuses|rejects|skips|stalls|loops|times\ out|timed\ out|throws|shuts\ down|comes?\ back|comes?\ out|ends?\ (?:up\ in|with)|goes\ down|is\ lost|are\ lost|keeps?\ (?:\w+\ ){0,2}?\w+ing)\b
    |\breturns?\ (?:an?\ )?(?:[45]\d\d|error|nothing|empty|null)\b|\bnothing\ happens\b|\b(?:finds?|shows?|prints?|sends?|returns?)\ (?:nothing|no|garbage|the\ wrong)\b|\bstays?\ (?:blank|empty|black|white|grey|gray)\b""",
    re.VERBOSE,
)
_ACUTE = re.compile(
    r"\b(?:fails|failing|crash\w*|stopped\s\w+ing|times?\sout|timed\sout|aborts|freezes|returns?\s(?:an?\s)?[45]\d\d|nothing\shappens|unable\sto)\b"
)
_STATE = re.compile(
    r"""\b(?:broken|down|offline|unreachable|inaccessible|locked|blocked|stuck|gone|missing|empty|blank|greyed\ out|grayed\ out|wrong|invalid|corrupt\w*|slow|dead|expired|frozen|denied|declined|refused|rejected|unavailable|unresponsive|unusable|twice|out\ of\ sync|garbled|garbage|duplicated|disconnected|not\ (?:found|working|responding|accepted|recogni[sz]ed|visible|available|sent|updated|loading|showing|syncing|possible)
    |errors?|time-?outs?|crash(?:es|ed)?|failures?|failed|trouble|problems?|issues?|bug|exception|loop|spam|without\ (?:an?\ |the\ |any\ )?(?!error|problem|issue|hitch|trouble)\w+)\b
    |\A\W*no\ (?:sound|data|connection|permissions?|rights?|access|signal|internet|network|response|output|picture|image|results?|e?-?mails?|invoices?|entries|rows|text|audio|video)\b|\A\W*no\ (?!problem|news|idea|need|rush|one|stress|worr\w+|meeting|doubt|thanks|way|offence|comment)\w+\ (?:in|on|for|to|although|when|after|since)\b""",
    re.VERBOSE,
)
_HELP = re.compile(
    r"""\b(?:needs?|needing|want|could\ use|require)\ (?:some\ |a\ bit\ of\ |urgent\ |your\ |any\ )?(?:help|assistance|support|advice|guidance|a\ hand)\b|\bin\ need\ of\ help\b|\bhelp\ (?:needed|wanted|with)\b
    |\blooking\ for\ (?:an?|some|any|the)\ (?:\w+\ )?(?:way|help|advice|solution|method|option|setting|example|workaround|guide|hint|pointer|tutorial|template|documentation)s?\b
    |\bhaving\ (?:an?\ |some\ )?(?:trouble|problems?|issues?|difficult\w+|hard\ time)\b|\b(?:struggling|trouble)\ (?:with|to)\b|\btrying\ to\b.{0,80}\bbut\b|\b(?:i'm|i\ am|we're|we\ are|im|got|get)\ stuck\b|\A\W*stuck\ (?:at|on|in|with)\b|\bno\ idea\ (?:why|how|what|where)\b|\bdon't\ know\ (?:how|why|where|what)\b""",
    re.VERBOSE,
)
_GETS = re.compile(
    r"\b(?:i|we|users?|customers?|it)\b[^.!?\n]{0,20}\b(?:get|gets|got|getting|receive|see|seeing|keep\sgetting|tells?\s(?:me|us)|says?)\b\W+(?:\w+\W+){0,4}?(?:errors?|exception|time-?outs?|warning|[45]\d\d|blank|empty|nothing)\b"
    r"|\A\W*(?:getting|receiving|seeing)\W+(?:\w+\W+){0,4}?(?:errors?|exception|time-?outs?|warning|[45]\d\d|blank)\b"
    r"|\A\W*(?:error|fehler|erreur|errore|erro|http)\W{0,2}(?:code\W{0,2})?\d{2,}\b|\berror\W{0,3}(?:when|while|on|in|during|after|trying)\b"
)
_QUOTED_ERROR = re.compile(
    r"""\b(?:get|gets|got|getting|says?|said|tells?\ (?:me|us)|shows?|gives?(?:\ (?:me|us))?|displays?|receive|ends?\ with|see)\W+(?:\w+\W+){0,4}?[\"“'‘«„][^\"”'’»“\n]{4,}[\"”'’»“]
    |\A\W*[\"“'‘«„][^\"”'’»“\n]{6,}[\"”'’»“]\W+(?:when|while|if|on|after|as)\b|:\s*[\"“][^\"”\n]{4,}[\"”]\s*\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_PASTED = re.compile(
    r"""\bTraceback\ \(most\ recent|^\s*(?:\w+\.)*\w*(?:Error|Exception)\b\s*(?::|at\b)|^\s*(?:Caused\ by|Unhandled\ exception|Uncaught|panic|fatal|npm\ ERR!|ERROR|Error|error\[\w+\])\W{1,3}\S|^\s*at\ [\w.$<>]+\([^)\n]*\)
    |^\s*(?:ERR|ORA|SQLSTATE)[-_\[ ]?\w+""",
    re.VERBOSE | re.MULTILINE,
)
_OVER = re.compile(
    r"""\b(?:fixed|solved|resolved|restored|repaired|rolled\ back|reverted|merged|deployed|shipped|closed\ the|patched|works\ (?:again|now|fine)|working\ (?:again|now|fine)|up\ again|back\ (?:online|up|again|to\ normal)|(?:is|are|was)\ (?:back|over|history|green|up)\b(?!\ to)|all\ good|passes|pass|passed|succeeded|went\ (?:well|fine|through)|finished|no\ regressions?|harmless|by\ design|expected|known\ (?:limitation|issue|bug)|not\ a\ (?:bug|problem)|gone\ since|is\ gone\ now|without\ (?:an?\ |any\ )?(?:errors?|problems?|issues?|hitch|trouble)|no\ (?:errors?|issues?|data\ lost)\b|no\ longer\ (?:crash\w*|fails?|hangs?|happens?)|that\ would\ have|sorry\ for\ the\ noise|wrong\ channel|false\ alarm|never\s?mind|thanks(?!\ in\ advance)|thank\ you|found\ (?:it|what|the\ (?:cause|problem|issue))|culprit)\b
    |\b(?:behoben|gelöst|erledigt|wieder\ da|funktioniert\ wieder|kein\ (?:problem|stress|ding)|résolu|corrigé|réparé|pas\ (?:de\ problème|grave)|arreglad[oa]|resuelt[oa]|solucionad[oa]|no\ (?:hay\ problema|pasa\ nada)|resolvid[oa]|consertad[oa]|risolto|di\ nuovo\ online|opgelost|werkt\ weer|löst|naprawion\w+|rozwiązan\w+|vyřešen\w*)\b|\bhet\ werkt\b
    |решен|исправлен|снова\ работает|вирішен|çözüldü|düzeldi|已解决|解决了|已修复|没问题|解決しました|直りました|해결|تم\ حل|נפתר""",
    re.VERBOSE,
)
_ANNOUNCED = re.compile(
    r"""\b(?:fyi|psa|heads[\s-]?up|reminder|announce\w*|maintenance|planned|scheduled|good\ news|release\ \d|is\ out|as\ agreed|post\s?mortem|known\ issue|status\s?:|note\s?:|update\s?:|will(?!\ not\b)|tomorrow|tonight|next\ (?:week|month|year)|from\ (?:monday|tuesday|wednesday|thursday|friday|now\ on)|(?<!heute\ )(?<!gestern\ )morgen|heute\ abend|demain|mañana|amanhã|domani|i\ morgon|jutro|yarın)\b|завтра|明天|明日""",
    re.VERBOSE,
)
_ADVICE = re.compile(
    r"""\b(?:you|your|you're|u|they|their|they're|he|she|du|dir|sie\ müssen|vous|tu|usted|você)\b|\b(?:should|would|might|could\ be|shouldn't|wouldn't)\b|,\s*(?:then\ )?(?:try|press|use|check|run|restart|click|go|set|just|see|read|reload|please\ (?:reload|restart|use))\b|\A\W*(?:don't|do\ not|never|use|try|check|see|run|set|please\ (?:do|don't))\b|\bmeans\b|\b(?:because|due\ to)\b|\bdoesn't\ matter\b|\blet\ me\b|\blet's\b""",
    re.VERBOSE,
)
_REPLY = re.compile(
    r"""\A\W*(?:yes|yeah|yep|yup|no\b(?=\W*[,.!]|\W*\Z|\ (?:problem|news|idea|need|rush|one|stress|worr\w+|meeting|doubt|thanks|way))|nope|nah|ok|okay|sure|right|true|exactly|agreed|that|this|those|these|there|they|because|cause|and|but|or|so|then|well|maybe|perhaps|probably|actually|not|nice|good|great|cool|thanks|thank|lol|haha\w*|hm+|oh|ah|wow|same|also|if|it\b(?!\ (?:says|tells|gives|shows|keeps|still))|it's|its|doesn't|isn't|haven't|don't|didn't|wasn't|won't\ be|personally|nevertheless|kinda|lately|still\ stuck\ in|now\ i|last\ time|please\ explain|nothing\ new|my\ bad|sorry|das\b(?=\ (?:geht|ist|war))|nein|ja|kein|non,|oui|si,|ya)\b""",
    re.VERBOSE,
)
_DONE = re.compile(
    r"""\b(?:i|we)(?:'ve|\ have)?\ (?:just\ |also\ |recently\ |already\ |finally\ )?(?:wrote|written|reported|moved|opened|filed|created|made|broke|had|was|were|liked|used\ to|upgraded|migrated|replaced|removed|added|changed)\b|\b(?:i'll|i\ will|we'll|i'd|i\ would|i\ never|i\ am\ working|i'm\ (?:working|off|on\ it|looking)|i\ do\ not\ know|i\ don't\ know\ either|i\ (?:don't|do\ not)\ (?:think|like|care|mind|believe|want|use|agree|have\ time|remember)|i\ haven't\ (?:tried|looked)|i\ have\ not\ (?:tried|looked)|not\ sure\ i|i\ can't\ (?:believe|wait|complain|say|tell|remember|judge)|can't\ (?:wait|complain|be\ serious)|(?<!not\ )(?<!stopped\ )working\ on\ (?:the|it|this|that|an?|some)\b|looking\ (?:into|forward|at)|someone\ else|somebody\ else|wir\ haben|ich\ habe)\b|\blooking\ for\ (?:an?\ (?:new\ )?job|volunteers|people)\b""",
    re.VERBOSE,
)
_LIFE = re.compile(
    r"""\b(?:coffee|tea|lunch|dinner|breakfast|beer|weekend|holidays?|vacation|traffic|train|bus|car|bike|sick|child|kids?|dog|cat|party|joke|brain|life|weather|meeting(?!\s?room)|standup|(?:a|the|my|phone)\ call|(?:new|my|a)\ job|talk|parking|headset|tyre|football|game|movie|music|song|working\ from\ home|join|make\ it|kommen|dabei)\b|\blol\b|\blmao\b|\bhaha|:joy:|:rofl:|:wink:|:stuck_out|[\U0001F602\U0001F923\U0001F609\U0001F61C]|;-?\)""",
    re.VERBOSE,
)
_ELSEWHERE = re.compile(
    r"""\b(?:geht|gehen|funktioniert|funktionieren|druckt|lädt|öffnet|startet|kommt|kommen|kann|können|findet|erscheint|reagiert|lässt|komme|bekomme)\b.{0,40}\b(?:nicht|nichts|kein\w*)\b|\bnicht\ mehr\b|\bbricht\b.{0,60}\bab\b|\bschlägt\ fehl\b|\bfehler(?:meldung)?\ (?:\d+|bei\w*|beim|in|im|wenn|nach)\b|\b(?:brauche|brauchen|benötige|suche)\b.{0,20}\b(?:hilfe|weg|möglichkeit|lösung)\b|\b(?:hängt|abgestürzt|kaputt)\b
    |\b(?:ne|n')\s?\w+.{0,30}\b(?:pas|plus|rien)\b|\bimpossible\ (?:de|d')|\b(?:erreur|page\ blanche|en\ panne|plante)\b|\bbesoin\ d'aide\b
    |\bno\ (?:puedo|podemos|funciona|funcionan|se\ puede|abre|carga|imprime|llega|aparece|me\ deja|consigo|encuentro)\b|\bda\ (?:un\ )?error\b|\bnecesito\ ayuda\b|\b(?:falla|fallan)\b
    |\b(?:não|nao)\ (?:consigo|conseguimos|abre|funciona|carrega|imprime|chega|aparece|é\ possível)\b|\bdá\ erro\b|\bpreciso\ de\ ajuda\b|\bnon\ (?:funziona|riesco|si\ apre|va|posso|arriva|carica|stampa)\b|\bho\ bisogno\ di\ aiuto\b
    |\b(?:kan|werkt|doet|lukt|start|opent|print|krijg)\b.{0,30}\b(?:niet|geen)\b|\bfoutmelding\b|\bhulp\ nodig\b|\b(?:går|fungerar|svarar|startar|öppnas|kan|virker|fungerer|starter|åbner|åpner)\b.{0,20}\b(?:inte|ikke)\b|\bfelmeddelande\b|\bei\ (?:toimi|avaudu|käynnisty|tulostu|onnistu)\b
    |\bnie\ (?:działa\w*|mogę|da\ się|otwiera|drukuje|można|uruchamia)\b|\bbłąd\b|\b(?:nefunguje|nejde|nemohu|nemůžu|netiskne)\b|\bnem\ (?:működik|tudok|nyílik|megy)\b|\bnu\ (?:merge|funcționează|pot|se\ deschide)\b
    |\bне\ (?:могу|можем|работа\w+|открыва\w+|загружа\w+|печата\w+|приход\w+|запуска\w+|отобража\w+|получается|удаётся|удается|вид\w+)|\bошибка\ (?:при|в|на|\d)|\b(?:нужна|нужно)\ помощь|\bне\ (?:можу|працює|відкрива\w+)
    |\b\w{2,}(?:amıyor|emiyor|mıyor|miyor|muyor|müyor)\w*\b|\bhata\ (?:alıyor\w*|veriyor)\b|\byardım(?:a\ ihtiyac\w+)?\b
    |(?:でき|開け|動き|入れ|使え|つながり|印刷し|表示され)ませ(?:ん|んでした)|(?:でき|開か|動か|入れ|使え|つながら|表示され)な[いく]|エラー(?:が|に|で)|失敗し|困って|无法|無法|不能|打不开|连不上|登不上|失败|報錯|报错|出错|(?:안\ ?(?:돼|됩|되|열|나)|못\ ?(?:하|해|했|찾)|오류|에러)
    |لا\ (?:يعمل|أستطيع|استطيع|يمكنني|يفتح|تعمل)|خطأ\ (?:في|عند)|לא\ (?:עובד|מצליח|נפתח|נטען|ניתן)|शुरू\ नहीं|काम\ नहीं|ไม่ได้|không\ (?:thể|hoạt\ động|mở|vào)|\btidak\ (?:bisa|berfungsi|dapat)\b|\bgagal\b""",
    re.VERBOSE,
)
