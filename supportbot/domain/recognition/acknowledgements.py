# ruff: noqa: E501, RUF001 - lists of words, in many scripts
"""What the asker makes of an answer: it helped, it did not, or their words do not say.

Only words that say it did not help may disturb somebody. Whatever is not understood, in whatever
script, is not such a word.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from supportbot.domain.recognition.features import asked_sentences, is_courtesy, looked_at, said


class Verdict(StrEnum):
    """What the asker says of what they were answered."""

    SOLVED = "solved"
    """They thank, praise, or say that it works."""
    UNSOLVED = "unsolved"
    """It failed, something is missing, or they ask on."""
    UNCLEAR = "unclear"


def verdict_of(text: str, *, solves: bool, asks: bool) -> Verdict:
    """Decide what the asker makes of an answer.

    A failure outweighs thanks ("great, now it crashes"), unless the whole says that it is over
    ("the path was wrong, works now").

    Args:
        text: What they wrote in the thread of their question.
        solves: Whether the wording model takes it for "solved".
        asks: Whether the wording model takes it for a question.
    """
    words = _plain(text)
    is_glad = _is_glad(words) or _IS_OVER in words
    if _denies(words) or _asks_on(words) or (asks and not is_glad) or _tells_a_fact(words):
        return Verdict.UNSOLVED
    is_over = _IS_OVER in words or bool(_WORKS.search(words))
    is_over = is_over or not (_NOT_YET.search(words) or _TELLS.search(words))
    if solves and is_over:
        return Verdict.SOLVED
    if _FAILURE.search(words) or _ERROR.search(looked_at(text)) or ("```" in text and not is_glad):
        return Verdict.UNSOLVED
    return Verdict.SOLVED if is_glad and is_over else Verdict.UNCLEAR


def is_acknowledgement(text: str) -> bool:
    """Whether a message does no more than greet, thank, agree, or say that something works."""
    if len(text) > _LONGEST or _CARRIES.search(text):
        return False
    words = _plain(text)
    if _denies(words) or _asks_on(words) or _FAILURE.search(words):
        return False
    left = _AGREEMENT.sub(" ", _WORKS.sub(" ", _THANKS.sub(" ", words)))
    count = len(_WORD.findall(left)) + len(_UNSPACED.findall(left)) // 2
    return is_courtesy(text) or count <= (_MOST_BESIDE if _is_glad(words) else 0)


def says_it_works(text: str) -> bool:
    """Whether a message says that something works, and not only thanks."""
    return bool(_WORKS.search(_plain(text)))


def says_it_failed(text: str) -> bool:
    """Whether the asker says that something does not work, and not only asks on."""
    words = _plain(text)
    return _denies(words) or bool(_FAILURE.search(words))


def calls_it_wrong(text: str) -> bool:
    """Whether anybody says that what was said before is not so."""
    return bool(_WRONG.search(said(text)))


def complaint_without_content(text: str) -> str:
    """Return what a complaint says beside that something did not help; all of it if it is none."""
    words = _plain(text)
    if not (_denies(words) or _FAILURE.search(words)) or _asks_on(words):
        return text
    return _WORKS.sub(" ", _FAILURE.sub(" ", _NO.sub(" ", _NO_ANYWHERE.sub(" ", words))))


def _is_glad(words: str) -> bool:
    return bool(_THANKS.search(words) or _WORKS.search(words))


def _denies(words: str) -> bool:
    return bool(
        _NO.search(words)
        or _NO_ANYWHERE.search(words)
        or _THUMBS_DOWN.search(words)
        or _NOT_BETTER.search(words)
        or any(map(_works_at_times, _CLAUSE.split(words)))
    )


def _works_at_times(clause: str) -> bool:
    """Whether something works only now and then, for some, or did so before."""
    return bool(
        (_WORKS.search(clause) or _WORKED.search(clause)) and _LIMITS.search(clause)
    ) and not _JUST_NOW.search(clause)


def _tells_a_fact(words: str) -> bool:
    """Whether a sentence beside thanks or praise says how things are, and not that they are well.

    "Thanks. The button is grey": who says so is not done. What is about the helper, or about the
    one who says it, is part of the thanks: "Thanks. You saved my day."
    """
    is_well = _IS_OVER in words or _WORKS.search(words) or _WELL.search(words)
    if is_well or _NOT_YET.search(words) or len(words) > _LONGEST_FACT:
        return False
    sentences = [one for one in _SENTENCE.split(words) if one.strip()]
    others = [one for one in sentences if not (_THANKS.search(one) or _PRAISE.search(one))]
    if len(others) < len(sentences):
        return any(map(_is_fact, others)) or any(map(_TELLS.search, sentences))
    return False


def _is_fact(sentence: str) -> bool:
    is_long = len(_WORD.findall(sentence)) > 1 or bool(_UNSPACED.search(sentence))
    return is_long and not _AGREEMENT.search(sentence) and not _PERSONAL.search(sentence)


def _says_it_is_over(clause: str) -> bool:
    """Whether trouble is named together with a word that it is no more."""
    is_over = _TROUBLE.search(clause) and _NO_MORE.search(clause)
    return bool(is_over) and not _NO_MORE_WORKING.search(clause)


def _asks_on(words: str) -> bool:
    """Whether something is asked that is more than "really?"."""
    asked = asked_sentences(words)
    return bool(_INTERROGATIVE.search(words)) or any(
        set(_WORD.findall(one)) - _MERE_DOUBT for one in asked
    )


def _plain(text: str) -> str:
    """Return the words in small characters, without what says no and means yes."""
    words = unicodedata.normalize("NFKC", said(text)).lower().replace("\u0307", "")
    words = _ARABIC_MARKS.sub("", words)
    clauses = (_IS_OVER if _says_it_is_over(one) else one for one in _CLAUSE_AND_STOP.split(words))
    words = _HARMLESS.sub(" ", _IDIOMS.sub(" ", "".join(clauses)))
    is_glad = _is_glad(words) or _AGREEMENT.search(words)
    return _NO_TROUBLE.sub(_IS_OVER, words) if is_glad else words


_IS_OVER: Final = " \N{WHITE HEAVY CHECK MARK} "
"""Stands where somebody says that trouble is no more: nothing in it can be read as a complaint."""
_CLAUSE = re.compile(
    r"[.,;:!?\n，。！？、]+|\bbut\b|\baber\b|\bmais\b(?!\W+(?:erro|problema|nada)\b)|\bpero\b|\bmas\b|\bmaar\b|\bно\b|\bale\b"
)
_CLAUSE_AND_STOP = re.compile(f"({_CLAUSE.pattern})")
_LONGEST_FACT: Final = 160
"""Characters of a message in which thanks are looked through: a longer one is about other things."""
_PRAISE = re.compile(
    r"\b(?:great|good|perfect\w*|awesome|excellent|brilliant|fantastic|nice|cool|super|toll|klasse"
    r"|prima|perfekt|genial|génial|parfait|perfecto|ótimo|perfetto|ottimo|harika|świetnie)\b"
    r"|отлично|супер|круто|ممتاز|太好了|太棒了|素晴らしい|최고"
)
_SENTENCE = re.compile(r"[.!?\n。！？؟।]+(?=\s|\Z|[^\x00-\x7f])")
_WELL = re.compile(
    r"""\b(?:went\ through|goes\ through|came\ through|gets?\ through|passed|passes|(?:is|are|was|were)\ (?:\w+\ )?(?:back|there|green|fine|ok|okay|good|great|clear|right|correct|posted|saved|in|done|up|happy|gone|over|closed|settled|easy|simple|perfect|complete|exactly|cool)|posts?\ now|stopped|looks?\ (?:good|fine|great|right)|does\ it|did\ it|no\ (?:further|more|other)\ questions?|again\ now|by\ the\ way|btw
    |ist\ (?:\w+\ )?(?:da|gut|grün|durch|okay|erledigt|weg)|sind\ (?:\w+\ )?(?:da|gut|grün|durch)|war(?:'s|\ es)?|est\ (?:bon|passé|parfait)|está\ (?:bien|listo)|va\ bene|tudo\ certo|top|perfect\w*|perfekt\w*|parfait\w*)\b|\bsaved\ (?:my|the)\b|\bmade\ (?:my|our)\ day\b""",
    re.VERBOSE,
)
_PERSONAL = re.compile(
    r"""\A\W*(?:you|u|your|that|this|it\ was|i|i'm|i'll|we|we'll|my\ bad|sorry|will|see|have|good|best|what|so|much|very|all|no|not|never|really|greetings|regards|cheers|should|would|could|hope|let|learn\w*|was|been|had|took|how|forgot|missed|done|closing
    |du|ihr|dein\w*|sie\ haben|das|ich|wir|hat|hatte|habe|schön\w*|viele|liebe|gruß|vous|tu|ça|c'\w+|je|j'\w+|nous|bonne|usted|tú|eres|me|eso|lo|yo|muy|qué|buen\w*|sei|mi|ho|hai|molto|buon\w*|você|eu|muito|jij|je|u|ik|dat|heel|goed|fijne|jag|det|mycket|bra|ha|ty|ja|pan\w*|bardzo|miłego|sen|siz|çok|iyi|ben)\b
    |\A\W*(?:ты|вы|вам|я|это|мне|очень|хорош|你|您|我|这|這|太|真|これで?(?!は)|それ|私|とても|本当|제가|저는|당신|정말|덕분|أنت|انت|هذا|أنا|आप|मैं|बहुत)|[\U0001F300-\U0001FAFF]""",
    re.VERBOSE,
)
_TROUBLE = re.compile(
    r"""\b(?:errors?|exceptions?|problems?|issues?|bugs?|troubles?|warnings?|fail\w*|crash\w*|freez\w*|frozen|hang(?:s|ing)?|cuelga|colgaba|blockiert|bloque\w*|time-?outs?|messages?|popups?|stuck|slow\w*|broken|missing|empty|blank|wrong|greyed|locked|blocked|red|complain\w*|happen\w*|occur\w*|nag\w*|noise|lag\w*|loops?|duplicates?|glitch\w*|flicker\w*|delays?
    |fehler\w*|problem\w*|meldung|warnung\w*|absturz|abstürze|stürzt|hängt|erreurs?|problèmes?|souci|bogues?|plante|errores|problemas?|fallos?|falla|aviso|errore|errori|problemi|avviso|erros?|falhas?|fout|fouten|foutmelding\w*|probleem|problemen|melding|fel|felet|felmeddelande\w*|feil\w*|fejl\w*|virhe\w*|błąd|błęd\w*|chyb\w+|hata\w*|sorun\w*|hib[aá]\w*|eroare\w*)\b
    |ошибк|проблем|сбо[йи]|падает|вылетает|зависает|глючит|тормозит|помилк|خطأ|مشكلة|الخطأ|المشكلة|خطا|שגיאה|בעיה|त्रुटि|समस्या|错误|錯誤|报错|報錯|问题|エラー|問題|오류|에러|문제""",
    re.VERBOSE,
)
_NO_MORE = re.compile(
    r"""\b(?:any\ ?more|any\ longer|no\ longer|no\ more|gone|disappeared|vanished|went\ away|goes\ away|cleared|cleaned\ up|stopped|history|sorted|nicht\ mehr|kein\w*\ (?:\w+\ )?mehr|weg|verschwunden|behoben|disparu\w*|ya\ no|desaparec\w+|se\ fue|più|sparit\w+|scompars\w+|niet\ meer|geen\ (?:\w+\ )?meer|verdwenen|längre|borta|lenger|borte|længere|væk|już|znik\w+|pryč|zmiz\w+|artık|gitti|kalmadı|kayboldu|mais|sumi\w+|desaparec\w+|parou\ de|deixou\ de|dejó\ de|smesso\ di|arrêté\ de|(?:aufgehört|opgehouden))\b
    |\b(?:n'\w+|ne|plus|n[’']ai)\b.*\bplus\b|\bplus\ (?:d[e'’]|aucun)
    |больше\ не|больше\ нет|пропал|исчез|ушл[аои]|ушел|ушёл|більше\ не|зник|なくなり|なくなった|出なくな|消え|直り|없어졌|사라졌|더\ ?이상|لم\ يعد|اختف|(?<!ما\ )زال|لا\ يوجد|لا\ توجد|יותר|נעלמ|נעלם|नहीं|चला\ गया|चली\ गई|没有了|沒有了|没了|不再|消失|不见了|不报""",
    re.VERBOSE,
)
_NO_MORE_WORKING = re.compile(
    r"""\b(?:work\w*|function\w*|open\w*|start\w*|load\w*|respond\w*|button|menu|field|data|record\w*|funktioniert|geht|klappt|läuft|öffnet|marche|fonctionne|funciona\w*|sirve|anda|funziona|va|werkt|fungerar|virker|działa\w*|çalışm\w+|açılm\w+|merge)\b(?!\W+(?:error|message|is\ gone))
    |работает|открывается|動か|開か|작동|يعمل|עובד|काम\ नहीं""",
    re.VERBOSE,
)
_NO_TROUBLE = re.compile(
    r"\b(?:no|zero|not\ (?:a|one)(?:\ single)?|keine?(?:\ einzige\w*)?|pas\ d[e'’]|aucun\w*|sin|sem|senza|geen|inga|inget|ingen|brak|без)\W?\ ?(?:(?:more|other|further)\ )?(?:errors?|issues?|problems?|troubles?|warnings?|fehler|probleme?|erreurs?|problèmes?|errores|problemas|erros|errori|problemi|fouten|problemen|fel|problem|ошибок|проблем)\b"
)
_IDIOMS = re.compile(
    r"""\A\W*(?:no|nope|nein|non|não|nee|nej|nie|нет|नहीं|لا|לא)\W+(?=(?:thanks|thank\ you|danke|merci|gracias|grazie|obrigad|bedankt|tack|dzięk|спасибо|धन्यवाद|शुक्रिया|شكر|תודה))
    |\bno\ way\b(?=\W*(?:\Z|[!,.]|that|this|it))|\bnot\ gonna\ lie\b|\bnot\ going\ to\ lie\b|\bnothing\ short\ of\b|\b(?:still\ )?owe\ you\b|\bstill\ (?:the\ )?(?:great|best|amazing|good|awesome|grateful|impressed)\b|\bbut\ (?:wow|great|nice|cool|thanks|awesome)\b
    |\b(?:i\ )?(?:never\ would|would\ never|wouldn't|would\ not)\ have\ \w+|\b(?:had\ )?lost\ (?:all\ |any\ )?hope\b|\b\b(?:i|we)\ had\ the\ wrong\ \w+|(?:was|were|been)\ (?:\w+\ )?(?:stuck|lost|confused|blind|desperate)\b|\b(?:sorry|excuse\ me|apologies)\ for\ (?:the|my|all\ the|so\ much)\ \w+\b|\bwhat\ i\ (?:was|had\ been)\ missing\b|\bnot\ what\ i\ expected\b
    |\b(?:that|this|it)\W?(?:was|s|is|'s)\ (?:\w+\ )?(?:the|my|our)\ (?:\w+\ )?(?:issue|problem|cause|culprit|mistake|error|bug|reason|trouble)\b|\b(?:das|es|genau\ das)\ war(?:'s|\ es)?\ (?:das\ |der\ |mein\ )?(?:problem|fehler|ursache|grund)?|\bfixed\ the\ (?:\w+\ ){1,2}|\bwith\ that\ the\ \w+\ \w+\ is\ history\b
    |\b(?:i|we)\ had\ (?:the\ |an?\ |this\ |that\ )?(?:\w+\ )?(?:error|issue|problem|bug)\b|\bthe\ \w+\ \w+\ was\ (?:it|the\ (?:cause|culprit|reason|problem|issue))\b|\bi\ (?:was|had)\ (?:missing|forgotten|forgot|overlooked|mistyped|missed)\b|\bi\ (?:forgot|missed|overlooked|mistyped)\b|\b(?:wrong|slow|bad|stupid|missing|empty)\ \w+\ (?:it\ was|on\ my\ side|indeed)\b|\boh\W+(?:wrong|no)\b(?!\W+(?:it|the|that))|\bno\ further\ questions\b|\bit\ was\ (?:the|a|my)\ wrong\ \w+|\b(?:erased|forgot)\ all\ about\ it\b
    |\bhätte\ ich\ (?:nie\w*|nicht)\b|\baurais\ jamais\b|\bnunca\ lo\ (?:hubiera|habría)\b|\bnon\ l'avrei\ mai\b|\bto\ był\w*\ (?:ten\ )?(?:problem|błąd)\b|\bc'était\ (?:bien\ )?le\ problème\b|\b(?:ese|eso)\ era(?:\ el\ problema)?\b|\bera\ (?:quello|questo|isso)\b(?:\ (?:il|o)\ problema)?|\bdat\ was\ het(?:\ probleem)?\b|\bdet\ var\ (?:problemet|felet)\b|это\ (?:и\ )?была\ проблема|\bsorun\ buymuş\b|\bnicht\ zu\ (?:fassen|glauben)\b|\bjetzt\ nicht\ mehr\b|\bpas\ grave\b|\bno\ me\ lo\ puedo\ creer\b|\bno\ puede\ ser\b|\bnon\ ci\ posso\ credere\b|не\ за\ что|не\ может\ быть|\bnie\ do\ wiary\b|\bsenza\ problemi\b|\b(?:no\ hizo|não\ fez|non\ è\ servito)\ (?:falta\ )?(?:nada|altro)\ ?(?:más|mais)?""",
    re.VERBOSE,
)
_WORKED = re.compile(
    r"""\b(?:did|ran|was\ fine|were\ fine|was\ ok|ging|lief|klappte|funktionierte|marchait|fonctionnait|allait|funcionaba|andaba|iba|funzionava|andava|funcionava|werkte|deed|fungerade|funkade|virket|virkede|fungerede|toimi|działał\w*|chodził\w*|fungoval\w*|működött|çalışıyordu|oluyordu|mergea|geht|va|anda|merge|run|runs|helps?)\b
    |работал\w*|шло|працювал\w*|動いて|動き|動く|使え|できて|됐|되었|돼|되던|작동|يعمل|شغال|עבד|עובד|काम\ कर|चल\ रह|可以|能用|好用|时好|時好""",
    re.VERBOSE,
)
_LIMITS = re.compile(
    r"""\b(?:hardly|barely|scarcely|rarely|seldom|sometimes|occasionally|sporadic\w*|intermittent\w*|half|partially|partly|used\ to|should|ought|supposed|only|until|till|yesterday|before|earlier|once|at\ first|first\ time|last\ (?:week|month|year|time|night)|for\ (?:\w+\ ){0,2}(?:seconds?|minutes?|hours?|days?|weeks?|others?|everybody|everyone|some|one)|for\ (?:one|some|a\ few|others|other\ users|my\ colleague\w*)|colleague\w*|on\ (?:the\ )?(?:other|another|old|mon|tues|wednes|thurs|fri|satur|sun)(?:day)?s?|in\ (?:the\ )?(?:firefox|chrome|edge|safari|incognito|private|test|dev\w*|sandbox|staging)|every\ (?:other|second)|in\ theory|on\ and\ off|except\w*|apart\ from|other\ than|but\ not|une\ fois\ sur|außer|sauf|excepto|salvo|tranne|behalve|utom|oprócz|кроме|除了
    |nur|manchmal|teilweise|halb|selten|kaum|früher|gestern|bisher|vorher|eigentlich|à\ moitié|à\ peine|parfois|rarement|seulement|hier|avant|jusqu'à|a\ medias|a\ veces|solo|sólo|solamente|antes|ayer|hasta|apenas|a\ volte|soltanto|prima|ieri|fino|a\ metà|às\ vezes|só|somente|ontem|até|soms|alleen|half|gisteren|vroeger|eerst|ibland|bara|igår|innan|förut|av\ og\ til|i\ går|før|tylko|czasem|czasami|wczoraj|wcześniej|przedtem|někdy|jen|včera|dřív|néha|csak|tegnap|bazen|sadece|dün|eskiden|önceden|uneori|doar|ieri|înainte)\b
    |иногда|через\ раз|раньше|вчера|только|до\ этого|местами|інколи|раніше|вчора|лише|有时|有時|时好时坏|時好時壞|偶尔|偶爾|昨天|之前|以前|只有|只能|たまに|時々|ときどき|昨日|前は|以前|だけ|しか|가끔|어제|전에|예전|만\ |أحيانا|أمس|فقط|كان|سابقا|לפעמים|אתמול|רק|פעם|कभी|कल|पहले|केवल|सिर्फ""",
    re.VERBOSE,
)
_JUST_NOW = re.compile(
    r"""\b(?:now|again|finally|at\ last|after|since|as\ before|like\ before|as\ it\ should|(?:it|this|that)'?s?\ the\ only|if\ only|only\ (?:had|needed|took)|jetzt|wieder|endlich|nun|maintenant|enfin|ahora|por\ fin|adesso|finalmente|agora|finalmente|nu|eindelijk|äntligen|teraz|wreszcie|şimdi|nihayet)\b
    |теперь|наконец|现在|現在|今は|이제|الآن|עכשיו|अब""",
    re.VERBOSE,
)
_NOT_BETTER = re.compile(
    r"""\A\W*(?:almost|nearly|not\ yet|fast|beinahe|presque|casi|quasi|bijna|nästan|nesten|næsten|prawie|skoro|neredeyse|почти|майже|差不多|あと少し|거의|تقريبا|כמעט|लगभग)\b(?!\W+(?:missed|forgot|perfect))|\A\W*(?:partly|partially|teilweise|en\ partie|en\ parte|in\ parte|deels|delvis|częściowo|kısmen|частично)\W*\Z|\bbut\W*\Z|\b404\b|\bit\ (?:just\ |then\ )?(?:deleted|removed|overwrote|doubled|duplicated|cleared|closed|logged|broke)\b
    |\A\W*(?:same|dito|ditto|idem)\W*\Z|[,.;]\s*same\W*\Z|\b(?:toujours\ pareil|pareil|sigue\ igual|igual\ que\ antes|uguale|tale\ e\ quale|hetzelfde|samma\ (?:fel|sak|problem)|samme\ (?:feil|fejl)|to\ samo|aynı\ (?:hata|sorun|şey)|то\ же\ самое|та\ же)\b
    |\b(?:i|we)(?:'ve|\ have|\ had)?\ (?:already\ )?(?:did|done|tried|checked)\ (?:all\ |exactly\ )?(?:of\ )?(?:that|this|it|these|those|them)(?:\ all)?(?:\ already|\ before|\ twice|\W*\Z)|\balready\ (?:did|done|tried|checked|read|know)\b
    |\b(?:ändert|ändern|bringt|brachte)\ (?:\w+\ )?(?:nichts|nix)\b|\bchange\ rien\b|\bno\ cambia\b|\bnon\ cambia\b|\bverandert\ niets\b|\bdeğişen\ (?:bir\ şey\ )?yok\b|\bdeğişmedi\b|ничего\ не\ (?:изменилось|меняется)|\bnic\ się\ nie\b|没变|沒變|没有变化|変わら|변화|그대로
    |\b(?:schon|bereits)\ (?:alles\ )?(?:probiert|versucht|gemacht|getan)\b|\bdéjà\ (?:essayé|fait|tenté)\b|\bya\ (?:lo\ )?(?:hice|probé|intenté|he\ probado)\b|\bgià\ (?:provato|fatto)\b|\bjá\ (?:tentei|fiz)\b|\bal\ geprobeerd\b|\bredan\ (?:provat|testat)\b|\bjuż\ (?:próbował\w*|to\ robił\w*)|уже\ (?:пробовал|пытал|делал)|試しました|試した|试过|試過|해\ ?봤
    |\b(?:kind|sort)\ of\b(?=\W*(?:\Z|works?|helps?))|\A\W*(?:nö|nee|ne|nope|nah|nej|nee)\W*\Z|\blooks?\ (?:\w+\ )?different\b|\b(?:is|are)\ (?:quite\ |very\ |all\ )?different\b(?!\ \w)|\b(?:sieht|sehen)\b.{0,20}\banders\b|\b(?:spins?|loads?|runs?|hangs?|waits?)\ forever\b|\bkeeps\ \w+ing\b|\btwice\ now\b|\bhalf\ of\b|\bis\ from\ (?:19|20)\d\d\b|\boutdated\b|\bno\ longer\b|\b(?:hardly|barely|scarcely)\ (?:any|an?)\b|\A\W*only\ the\b|\bsomething\ else\b|\b(?:works?|worked|fine|good|ok|okay)\W+(?:except|apart\ from|other\ than)\b|\b(?:is|was|are)\ (?:about\ (?:another|a\ different|something)|dead|empty|down)\b|\A\W*[45]\d\d\W*\Z|\bonly\ \w+\ can\b|\byok\b|غير\ موجود|\b(?:the|my)\ \w+\ (?:is|are)\ gone\b|\b(?:der|die|das|mein\w*)\ \w+\ (?:ist|sind)\ weg\b
    |\b(?:only|nur|seulement|sólo|solo|só|alleen|bara|tylko)\W+(?:sometimes|manchmal|parfois|a\ veces|a\ volte|às\ vezes|soms|ibland|czasami)\b|\bfunziona\W+ma\b|больше\ не\b|більше\ не\b
    |\b(?:geht|klappt|funktioniert|gehts|tuts|hilft|läuft)\W+(?:\w+\W+){0,2}net\b|时好时坏|時好時壞|через\ раз|\bкак\ было\b
    |\bsame\ (?:\w+\ ){0,3}as\ before\b|\b(?:old|alte|ältere|vieille|ancienne|vieja|antigua|anterior|antiga|velha|vecchia|oude|gamla|gamle|starej|eski)\W+versi\w+|\bversi\w+\ (?:vieja|antigua|anterior|antiga|velha|vecchia)\b|стар\w+\ верси|旧版|舊版
    |\b(?:etwas|was|um)\ (?:ganz\ )?anderes\b|\bautre\ chose\b|\b(?:otra|altra|outra)\ cosa\b|\boutra\ coisa\b|\biets\ anders\b|\bnågot\ annat\b|\bnoe\ annet\b|\bco[śs]\ innego\b|\bbaşka\ bir\ şey\b|о\ другом|про\ другое
    |\b(?:leer[ens]?|vide|vacía|vacío|vazi[ao]|vuot[ao]|leeg|lege|tomt?|pust[aey]|prázdn\w+|boş)\W*\Z|пуст(?:ая|ой|о|ые)\b|толку\ (?:ноль|нет|никакого)|без\ толку""",
    re.VERBOSE,
)
_TELLS = re.compile(
    r"""(?:\A|[.,;!\n])\s*(?:and\ |so\ )?(?:(?:the|my|our|when|if|now|here|there\ (?:is|are))\b|it\ (?:says|shows|asks|wants|tells|looks|stays|opens)\b|(?:i|we)\ (?:only\ )?(?:see|get|have|use|am\ on|are\ on|need)\b|i'm\ (?:on|using)\b|looking\ into|(?:der|die|das|mein\w*|bei\ mir|bei\ uns|jetzt|da|hier)\ \w+\ \w+|(?:we|wir|nous|nosotros)\ (?:are|sind|sommes|estamos)\b|ich\ (?:habe|sehe|bekomme|nutze|brauche)\b|(?:le|la|les|mon|ma)\ \w+\ (?:est|sont|reste|affiche)\b|(?:el|la|los|las|mi)\ \w+\ (?:está|es|sale|muestra)\b)""",
    re.VERBOSE,
)
_LONGEST: Final = 100
_MOST_BESIDE: Final = 2
"""Words beside the thanks that do not make a message more than thanks."""
_WORD = re.compile(r"[^\W_]+")
_CARRIES = re.compile(r"`|https?://|^(?:>|&gt;)")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]{6}")
_ARABIC_MARKS = re.compile(r"[\u064b-\u0652\u0640]")
_INTERROGATIVE = re.compile(
    r"""(?:\A\W*|[,.;:!\n-]\s*|\b(?:but|and|so|ok|okay|thanks|then|also|now)\W+)
    (?:how\ (?:do|does|can|could|to|about|would|should|is|are|long|many|much)|where|why\ (?:do|does|did|is|are|can|would|should)
    |which|what\ (?:is|are|if|about|does|do|should|happens|else|now)|is\ there|are\ there|can\ (?:i|we|you)|could\ you)\b""",
    re.VERBOSE,
)
_MERE_DOUBT = frozenset(
    """really ok okay right sure yes yeah huh lol wow seriously you so oh ah great nice cool thanks
    that all simple easy know what echt wirklich vraiment verdad sério davvero правда""".split()  # noqa: SIM905
) - {"what"}
_NOT_YET = re.compile(
    r"""\bin\ advance\b|\bim\ voraus\b|\bd'avance\b|\bde\ antemano\b|\bpor\ adelantado\b|\bdesde\ já\b
    |\bin\ anticipo\b|\bbij\ voorbaat\b|\bpå\ förhand\b|\bpå\ forhånd\b|\bz\ góry\b|\bpředem\b|\bşimdiden\b
    |заранее|заздалегідь|مقدما|מראש|よろしくお願い
    |\b(?:i'll|i\ will|we'll|will|let\ me|gonna|going\ to)\W+(?:\w+\W+){0,2}?(?:try|check|test|look|see|read|do|wait)\b
    |\b(?:try|check|test)(?:ing)?\ (?:it|that|this|later|tomorrow|now|soon)\b|\bfor\ (?:asking|trying|looking|reporting)\b
    |\b(?:reading|looking|trying|testing|checking)\b|\b(?:tomorrow|morgen|demain|mañana|amanhã|domani|imorgon|i\ morgen|jutro|yarın)\b|завтра|明天|明日|내일|غدا|מחר|\bprobier\w*\b|\bversuch\w*\b|\bteste\w*\b|\bschau\w*\b|\bregarde\b|\bforwarding\b|\bwill\ do\b|\bj'essaie\b|\bprobar\b|\bproverò\b|попробую|спробую|試してみ|试试""",
    re.VERBOSE,
)
_HARMLESS = re.compile(
    r"""\bno\W+(?:problems?|prob|worries|need|rush|hurry|biggie|stress|more|further|thanks?|thank\ you|doubt|idea\ why\ it\ works|wonder)\b(?:\W+(?:error|problem|issue|question|trouble)s?\b)?
    |\bno\W+(?:error|problem|issue|trouble|crash\w*)s?\W+(?:any\ ?more|now|at\ all|left|since)\b
    |\b(?:not|isn't|is\ not)\ (?:an?|the)?\s*(?:problem|issue)\ any\s?more\b
    |\b(?:without|fixed|solved|resolved|solves|fixes|cured)\ (?:\w+\ ){0,3}?(?:error|problem|issue|trouble|bug|crash\w*|fail\w*)s?\b
    |\b(?:error|problem|issue|trouble|bug|failure|crash\w*)s?\ (?:\w+\ ){0,2}?(?:gone|solved|resolved|fixed|disappeared|went\ away|sorted)\b
    |\b(?:does|do|did|is|has)(?:n't|\ not)\ (?:\w+\ ){0,2}?(?:fail|crash|happen|occur|complain|appear|freeze|hang|break|show\ up)\w*(?:\ \w+)?\ (?:any\ ?more|now|again)\b
    |\b(?:fail|crash|complain|hang|freez)\w*\ no\ more\b|\bstopped\ (?:crashing|failing|complaining|freezing)\b
    |\b(?:can't|cannot|could(?:n't|\ not))\ (?:thank|be\ (?:better|easier|happier|simpler)|have\ (?:asked|been)|believe|complain|agree\ more|wait)\b
    |\b(?:did(?:n't|\ not)|never|wasn't|was\ not|hadn't|would(?:n't|\ not)|would\ never)\W+(?:have\ )?(?:know\w*|knew|known|think|thought|aware|see|seen|realis\w+|realiz\w+|notice\w*|remember|found|guess\w*|expect\w*)\b
    |\b(?:have(?:n't|\ not)|did(?:n't|\ not))\W+(?:\w+\W+){0,2}?(?:try|tried|test|tested|check|checked|time|chance)\b|\b(?:can't|cannot)\ (?:try|test|check)\b[^.!?\n]*\b(?:now|today|yet|until|before|moment|tomorrow)\b
    |\b(?:with|about|for|on|of|regarding|fixing|solving)\ (?:this|that|the|my|our)\ (?:\w+\ )?(?:problem|issue|error|bug|trouble|failure|mess)s?\b
    |\b(?:(?:the|my)\ )?(?:problem|issue|error|cause|culprit|mistake|fault)\ (?:was|turned\ out)\b[^.!?\n]*|\bit\ was\ (?:an?|my|our|just|only|because|the|simply|indeed|really)\b[^.!?\n,]*
    |\bnot\ (?:bad|at\ all|only|too\ bad|sure\ how\ i)\b|\bnever\W?mind\b|\bnot\ to\ worry\b|\bwhy\ not\b|\bnothing\ (?:more|else|to\ add)\b
    |\b(?:how|why)\ (?:did|didn't|did\ not|could|have|haven't)\ i\ (?:\w+\ ){0,2}?(?:miss|overlook|think|see|know|find|notice)\w*[^.?!\n]*\??
    |\bwho\ knew\b\W?|\byou\ know\ what\b\W?|\bstill\ (?:learning|new\ here|works?|working|love)\b|\bbut\ (?:(?:i|we|it|it's|now|then|already|just)\W+){0,3}(?:found|solved|figured|works?|worked|working|fixed|resolved|got\ it|sorted|thank\w*)\b
    |\bnicht\ (?:schlecht|gewusst|gesehen)\b|\bkein(?:e)?\ (?:problem\w*|fehler|ursache|frage)\b(?:\ mehr)?|\bfehler\ (?:ist\ )?(?:weg|behoben)\b
    |\bpas\ (?:de\ (?:problème|souci)s?|mal|vu)\b|\bplus\ (?:de\ problème|d'erreur)s?\b|\bsin\ (?:problemas?|errores|error)\b|\bno\ hay\ (?:problema|de\ qué)\b|\bya\ no\ (?:falla|da\ error|hay\ error)\b|\bsem\ (?:problemas?|erros?)\b|\bde\ nada\b
    |\bnon\ (?:male|c'è\ problema)\b|\bgeen\ (?:probleem|dank)\b|\bing(?:a|en)\ (?:problem\w*|fara|sak)\b|\bnie\ ma\ (?:problemu|za\ co|sprawy)\b|\bsorun\ (?:yok|değil|kalmadı|çözüldü)\b|\bproblem\ (?:çözüldü|yok)\b
    |нет\ проблем|не\ за\ что|не\ знал\w*|без\ (?:проблем|ошибок)|ошибк\w+\ (?:пропала|исчезла|больше\ нет)|проблема\ (?:решена|ушла)|немає\ проблем
    |لا\ مشكلة|لا\ توجد\ مشكلة|تم\ حل\ المشكلة|אין\ בעיה|לא\ ידעתי|לא\ נורא
    |没问题|沒問題|没有问题|不错|不錯|不客气|没事|没报错|不报错|不再\w*|問題な\w*|問題ありません|知りませんでした|知らなかった|すみません|間違いな\w*|문제\s?없\w*|괜찮\w*|몰랐\w*""",
    re.VERBOSE,
)
_NO = re.compile(
    r"""n't\b|\b(?:not|never|neither|cannot|nothing|none|nope|nah|unsolved|unfortunately|sadly|useless|unhelpful
    |pointless|nonsense|however|cant|wont|dont|doesnt|didnt|isnt|wasnt)\b|\bwithout\ (?:success|luck|effect)\b
    |\bno\ (?:luck|success|change|effect|joy|dice|good|use|difference|help|avail|such|sign|button|option|way|idea|answer|it\b|that\b|this\b)
    |\A\W*no\b|\bbut\ no\b|[.,;!]\s*no\W*\Z|\bbut\b(?=\W+\w)|\bstill\b|\b(?:same|another|different|new|other)\ (?:error|problem|issue|result|thing|message|one)\b|\bagain\ and\ again\b
    |\b(?:wrong|different|other|another|older|newer|old)\ (?:page|answer|question|topic|version|edition|release|product|feature|thing)\b|\bhelp\ me\b|\bneed\ (?:more\ )?help\b|\b(?:a\ )?(?:real\ )?(?:person|human)\b
    |\b(?:nicht|nichts|kein|keine|keinen|keiner|leider|immer\ noch|weiterhin|trotzdem|aber|hilft\ nix|nix)\b
    |\b(?:ne|n'\w+)\b(?=.{0,60}\b(?:pas|plus|rien)\b)|\b(?:pas|toujours|malheureusement)\b|\bmais\ (?:ça|ca|j|il|elle|c'|l[ea']|là)|\bmarche\ pas\b
    |\A\W*no\W|\b(?:no\ (?:funciona|funcionó|me|es|sirve|sirvió|puedo|ha|está|se|ayuda|ayudó|anda|va|entiendo)|todavía|todavia|aún|aun\ no|sigue|tampoco|pero|lamentablemente)\b
    |\b(?:não|nao|ainda|continua|infelizmente)\b|\bmas\ (?:não|nao|ainda|agora|o|a|eu|deu|dá)\b|\b(?:non|ancora|purtroppo|però)\b|\b(?:niet|nog\ steeds|helaas|geen|maar)\b|\b(?:inte|fortfarande|tyvärr|ikke|stadig|fortsatt|desværre|dessverre|ingen)\b
    |\b(?:edelleen|vieläkään|valitettavasti|ei\ (?:toimi|auta|auttanut|onnistu))\b|\b(?:nie|nadal|wciąż|niestety)\b|\bale\ (?:nadal|nie|wciąż|teraz|to|mam)\b|\b(?:není|nefunguje|nejde|nepomohlo|stále|bohužel|nefungovalo)\b|\b(?:nem|mindig|sajnos)\b|\bnu\ (?:merge|funcți\w+|functi\w+|a|e|este)\b
    |\b(?:değil|olmadı|olmuyor|çalışmıyor|çalışmadı|hala|hâlâ|maalesef|ama|fakat)\b|\b(?:tidak|belum|masih|gagal|nggak|gak)\b|\b(?:không|chưa|vẫn)\b
    |\b(?:не|нет|ні|досі|но|але)\b|вс[её]\ ещ[её]|по-прежнему|к\ сожалению|на\ жаль|\b(?:δεν|όχι|ακόμα|δυστυχώς)\b
    |\b(?:لا|لم|ليس|لكن|للأسف|مش|نه|نشد|هنوز|ولی)\b|ما\ زال|لا\ يزال|ما\ (?:اشتغل|يعمل|نفع)|نمی|\b(?:לא|עדיין|לצערי|אבל)\b|नहीं|अभी\ भी|ไม่|ยังไม่""",
    re.VERBOSE,
)
_NO_ANYWHERE = re.compile(
    r"""不行|不对|不對|不能|不了|不是|不可以|不好使|没有|沒有|没用|沒用|還是|还是|仍然|但是|可是|无法|無法
    |ません|ない(?!か\W*ありがと)|なかった|まだ|ダメ|だめ|駄目|(?:\A|[、。!\s])でも|けど|않|못\ ?(?:했|하|해|찾)|안\ ?(?:되|돼|됩|됐|나)|아직|하지만|없(?:어|습|네|다|는)""",
    re.VERBOSE,
)
_WRONG = re.compile(
    r"""\b(?:that|this|it|which|above|the\ answer)(?:'s|\ is|\ was|\ are)?\ (?:(?!not\b)\w+\ )?(?:wrong|incorrect|false|outdated|dangerous)\b
    |\b(?:that|this|it)(?:'s\ not|\ is\ not|\ isn't|\ is\ no\ longer)\ (?:\w+\ )?(?:right|correct|true|so|how)\b
    |\b(?:don't|do\ not|never)\ do\ (?:that|this|it)\b|\A\W*(?:wrong|incorrect)\b
    |\b(?:das|dies|es)\ (?:ist|war)\ (?:\w+\ )?falsch\b|\bstimmt\ (?:so\ )?nicht\b|\bc'est\ faux\b|\b(?:es|está)\ (?:incorrecto|mal)\b|\bé\ errado\b|\bè\ sbagliato\b|\bdat\ klopt\ niet\b|это\ (?:неверно|неправильно)""",
    re.VERBOSE,
)
_THUMBS_DOWN = re.compile(
    r"\N{THUMBS DOWN SIGN}|\N{CROSS MARK}|:(?:-1|thumbsdown|thumbs_down|x|no_good|no_entry\w*):"
)
_FAILURE = re.compile(
    r"""\b(?:errors?|exceptions?|fail(?:s|ed|ing|ure|ures)?|crash\w*|panics?|traceback|stuck|trouble|unable|broken|breaks
    |refused|denied|rejected|missing|wrong|worse|slow\w*|freez\w+|froze|hangs?|hung|lost|timeouts?|timed\ out|time-?out|greyed?\ out|grayed?\ out|empty|blank|invalid|incorrect|confus\w+|disappeared|loops?
    |problems?|issues?|bugs?|undo|reverted|langsam\w*|lent[oea]?|lentissim\w|traag|långsam\w*|wolno|yavaş|fehler\w*|stürzt|kaputt|falsch|abgestürzt|erreur\w*|plante|faux|échou\w+|errores|falla|falló|fallo|erro|erros|falha|falhou|errore|errori|fout|fouten|foutmelding|kapot|fel|felmeddelande|feil|fejl|virhe\w*|błąd\w*|błęd\w*|chyb\w+|hib[aá]\w*|eroare|hata\w*|bozuk|lỗi|galat)\b
    |медленно|ошибк|падает|упал|слома|помилк|σφάλμα|خطأ|مشكلة|خطا|שגיאה|בעיה|त्रुटि|ผิดพลาด|错误|錯誤|报错|報錯|失败|失敗|崩溃|エラー|落ち(?:る|ます|ました)|오류|에러|실패""",
    re.VERBOSE,
)
_ERROR = re.compile(
    r"\b\w+(?:Error|Exception)\b|\bTraceback\b|\bE?\d{3,}:\s|\b(?:HTTP|status|code)\W{0,2}[45]\d\d\b"
    r"|\b(?:get|gets|got|getting|see|says|said|shows|gives|returns|returned)\b\W+(?:\w+\W+){0,2}?(?:[\"“'‘«„`][^\"”'’»“`\n]{4,}|[45]\d\d\b)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"""\b(?:thanks|thank\ (?:you|u)|thankyou|thanx|thx|thnx|tks|ty|tysm|tyvm|cheers|appreciate\w*|bless\ you|danke\w*|(?:vielen|besten|herzlichen)\ dank|merci|gracias|obrigad[oa]|brigad[oa]|valeu|grazie|bedankt|dank\ (?:je|u)|dankjewel|dankie
    |tack|tak|takk|kiitos|kiitti|dzi[eę]k\w*|děkuj\w*|dekuj\w*|dík\w*|diky|ďakuj\w*|kösz\w*|köszön\w*|mul[tțţ]umesc|mersi|hvala|te[sş]ekk[uü]r\w*|sa[gğ]\ ?ol\w*|eyvallah|terima\ kasih|makasih|trims|salamat|asante|aitäh|tänan|paldies|ačiū|aciu|gràcies|mercès|eskerrik\ asko)\b
    |\b(?:cảm|cám)\ ơn\b|спасиб|благодар|\bспс\b|дяку|дзякуй|хвала|ευχαριστ|شكرا|مشكور|جزاك\ الله|تسلم|يعطيك\ العافية|ممنون|مرسی|متشکر|سپاس|تشکر|شکریہ|תודה|धन्यवाद|शुक्रिया|ধন্যবাদ|நன்றி|ధన్యవాద|ขอบคุณ|ขอบใจ|谢谢|謝謝|谢了|多谢|多謝|感谢|感謝|谢|ありがと|有難う|有り難う|助かり|どうも|감사|고마워|고맙|땡큐|მადლობ|շնորհակալ""",
    re.VERBOSE,
)
_WORKS = re.compile(
    r"""\b(?:works?(?:\ (?:now|great|fine|perfectly|well|again|like\ a\ charm))?|worked|working\ (?:now|again|fine)|solved|resolved|fixed(?:\ it)?|(?:that|this)\ (?:did\ it|helps|helped|was\ it)|did\ the\ trick|it\ helped|all\ good|got\ it|found\ it|figured\ it\ out|sorted|never\s?mind
    |funktioniert|klappt|geklappt|gel[oö]st|läuft|geht\ (?:jetzt|wieder)|ça\ marche|ca\ marche|fonctionne|résolu|c'est\ bon|funciona|funcionó|resuelto|solucionado|listo|funcionou|resolvido|resolveu|deu\ certo|funziona|funzionato|risolto|werkt|gelukt|opgelost|funkar|fungerar|löst|virker|fungerer|løst|toimii|ratkesi
    |działa|zadziałał\w*|rozwiązane|pomogło|funguje|vyřešeno|pomohlo|működik|megoldva|sikerült|func[tțţ]ioneaz[aă]|merge|rezolvat|çalıştı|çalışıyor|oldu|çözüldü|düzeldi|hallettim|berhasil|beres|sudah\ bisa|được\ rồi)\b
    |работает|заработал|помогло|решено|получилось|працює|запрацювал|допомогло|вирішено|δουλεύει|λύθηκε|يعمل|اشتغل|تم\ الحل|نجح|انحلت|شغال|کار\ کرد|درست\ شد|حل\ شد|עובד|עבד|נפתר|הסתדר|काम\ कर|हो\ गया|ได้แล้ว|ใช้ได้|可以了|好了|解决了|解決了|搞定|成功|行了|できました|動きました|解決|直りました|うまくいき|됐|되네요|해결|됩니다|작동합니다""",
    re.VERBOSE,
)
_AGREEMENT = re.compile(
    r"""\b(?:hm+|mhm+|wow|whoa|lol|haha\w*|ah+|oh+|aha|nvm|done|interesting|cheers|ok|okay|okey|okie|okej|kk?|yes|yep|yeah|sure|alright|right|understood|i\ see|ja|si|sí|oui|sim|da|tak|hai|evet|tamam|vale|bueno|beleza|super|top|да|ок|понятно|ясно|хорошо|так|добре|נו|אוקיי|סבבה|טוב|כן|نعم|تمام|طيب|حسنا|باشه|बिल्कुल|ठीक\ है)\b|はい|了解|なるほど|わかりました|分かりました|承知|네|넵|알겠|好的|好|嗯|明白|收到
    |\b(?:great|perfect\w*|awesome|excellent|brilliant|fantastic|amazing|wonderful|lovely|neat|cool|nice|sweet|exactly|genius|legend|spot\ on|toll|klasse|prima|perfekt|genial|génial|parfait|perfecto|ótimo|otimo|perfeito|perfetto|ottimo|süper|harika|mükemmel|świetnie|отлично|супер|круто|ممتاز|رائع|מעולה|מצוין)\b
    |太好了|太棒了|完美|素晴らしい|最高|완벽\w*|최고\w*
    |:[\w+-]+:|\+\d+|[\U0001F300-\U0001FAFF\u2600-\u27bf]""",
    re.VERBOSE,
)
