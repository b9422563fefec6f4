# ruff: noqa: E501, RUF001 - lists of words, in many scripts
"""What the asker makes of an answer: it helped, it did not, or their words do not say.

Only words that say it did not help may disturb somebody. Whatever is not understood, in whatever
script, is not such a word.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from supportbot.domain.recognition_features import asked_sentences, is_courtesy, looked_at, said


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
    is_glad = _is_glad(words)
    if _denies(words) or _asks_on(words) or (asks and not is_glad):
        return Verdict.UNSOLVED
    is_over = not _NOT_YET.search(words) or bool(_WORKS.search(words))
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
    return bool(_NO.search(words) or _NO_ANYWHERE.search(words) or _THUMBS_DOWN.search(words))


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
    return _HARMLESS.sub(" ", words)


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
    know what echt wirklich vraiment verdad sério davvero правда""".split()  # noqa: SIM905
) - {"what"}
_NOT_YET = re.compile(
    r"""\bin\ advance\b|\bim\ voraus\b|\bd'avance\b|\bde\ antemano\b|\bpor\ adelantado\b|\bdesde\ já\b
    |\bin\ anticipo\b|\bbij\ voorbaat\b|\bpå\ förhand\b|\bpå\ forhånd\b|\bz\ góry\b|\bpředem\b|\bşimdiden\b
    |заранее|заздалегідь|مقدما|מראש|よろしくお願い
    |\b(?:i'll|i\ will|we'll|will|let\ me|gonna|going\ to)\W+(?:\w+\W+){0,2}?(?:try|check|test|look|see|read|do|wait)\b
    |\b(?:try|check|test)(?:ing)?\ (?:it|that|this|later|tomorrow|now|soon)\b|\bfor\ (?:asking|trying|looking|reporting)\b
    |\bprobier\w*\b|\bversuch\w*\b|\bj'essaie\b|\bprobar\b|\bproverò\b|попробую|спробую|試してみ|试试""",
    re.VERBOSE,
)
_HARMLESS = re.compile(
    r"""\bno\W+(?:problems?|prob|worries|need|rush|hurry|biggie|stress|more|further|longer|thanks?|thank\ you|doubt|idea\ why\ it\ works|wonder)\b(?:\W+(?:error|problem|issue|question|trouble)s?\b)?
    |\bno\W+(?:error|problem|issue|trouble|crash\w*)s?\W+(?:any\ ?more|now|at\ all|left|since)\b
    |\b(?:not|isn't|is\ not)\ (?:an?|the)?\s*(?:problem|issue)\ any\s?more\b
    |\b(?:without|fixed|solved|resolved|solves|fixes|cured)\ (?:\w+\ ){0,3}?(?:error|problem|issue|trouble|bug|crash\w*|fail\w*)s?\b
    |\b(?:error|problem|issue|trouble|bug|failure|crash\w*)s?\ (?:\w+\ ){0,2}?(?:gone|solved|resolved|fixed|disappeared|went\ away|sorted)\b
    |\b(?:does|do|did|is|has)(?:n't|\ not)\ (?:\w+\ ){0,2}?(?:fail|crash|happen|occur|complain|appear|freeze|hang|break|show\ up)\w*(?:\ \w+)?\ (?:any\ ?more|now|again)\b
    |\b(?:fail|crash|complain|hang|freez)\w*\ no\ more\b|\bstopped\ (?:crashing|failing|complaining|freezing)\b
    |\b(?:can't|cannot|could(?:n't|\ not))\ (?:thank|be\ (?:better|easier|happier|simpler)|have\ (?:asked|been)|believe|complain|agree\ more|wait)\b
    |\b(?:did(?:n't|\ not)|never|wasn't|was\ not|hadn't|would(?:n't|\ not)|would\ never)\W+(?:have\ )?(?:know\w*|known|think|thought|aware|see|seen|realis\w+|realiz\w+|notice\w*|remember|found|guess\w*|expect\w*)\b
    |\b(?:have(?:n't|\ not)|did(?:n't|\ not))\W+(?:\w+\W+){0,2}?(?:try|tried|test|tested|check|checked|time|chance)\b|\b(?:can't|cannot)\ (?:try|test|check)\b[^.!?\n]*\b(?:now|today|yet|until|before|moment|tomorrow)\b
    |\b(?:with|about|for|on|of|regarding|fixing|solving)\ (?:this|that|the|my|our)\ (?:\w+\ )?(?:problem|issue|error|bug|trouble|failure|mess)s?\b
    |\b(?:the|my)\ (?:problem|issue|error|cause|culprit|mistake|fault)\ (?:was|turned\ out)\b[^.!?\n]*|\bit\ was\ (?:an?|my|our|just|only|because|the|simply|indeed|really)\b[^.!?\n,]*
    |\bnot\ (?:bad|at\ all|only|too\ bad|sure\ how\ i)\b|\bnever\W?mind\b|\bnot\ to\ worry\b|\bwhy\ not\b|\bnothing\ (?:more|else|to\ add)\b
    |\b(?:how|why)\ (?:did|didn't|did\ not|could|have|haven't)\ i\ (?:\w+\ ){0,2}?(?:miss|overlook|think|see|know|find|notice)\w*[^.?!\n]*\??
    |\bwho\ knew\b\W?|\byou\ know\ what\b\W?|\bstill\ (?:learning|new\ here|works?|working|love)\b|\bbut\ (?:(?:i|we|it|it's|now|then|already|just)\W+){0,3}(?:found|solved|figured|works?|worked|working|fixed|resolved|got\ it|sorted|thank\w*)\b
    |\bnicht\ (?:schlecht|gewusst|gesehen)\b|\bkein(?:e)?\ (?:problem\w*|fehler|ursache|frage)\b(?:\ mehr)?|\bfehler\ (?:ist\ )?(?:weg|behoben)\b
    |\bpas\ (?:de\ (?:problème|souci)s?|mal|vu)\b|\bplus\ (?:de\ problème|d'erreur)s?\b|\bsin\ (?:problemas?|errores|error)\b|\bno\ hay\ (?:problema|de\ qué)\b|\bya\ no\ (?:falla|da\ error|hay\ error)\b|\bsem\ (?:problemas?|erros?)\b|\bde\ nada\b
    |\bnon\ (?:male|c'è\ problema)\b|\bgeen\ (?:probleem|dank)\b|\bing(?:a|en)\ (?:problem\w*|fara|sak)\b|\bnie\ ma\ (?:problemu|za\ co|sprawy)\b|\bsorun\ (?:yok|değil|kalmadı|çözüldü)\b|\bproblem\ (?:çözüldü|yok)\b
    |нет\ проблем|не\ за\ что|не\ знал\w*|больше\ не\ \w+|без\ (?:проблем|ошибок)|ошибк\w+\ (?:пропала|исчезла|больше\ нет)|проблема\ (?:решена|ушла)|немає\ проблем
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
    |problems?|issues?|bugs?|undo|reverted|fehler\w*|kaputt|falsch|abgestürzt|erreur\w*|plante|faux|échou\w+|errores|falla|falló|fallo|erro|erros|falha|falhou|errore|errori|fout|fouten|foutmelding|kapot|fel|felmeddelande|feil|fejl|virhe\w*|błąd\w*|błęd\w*|chyb\w+|hib[aá]\w*|eroare|hata\w*|bozuk|lỗi|galat)\b
    |ошибк|падает|упал|слома|помилк|σφάλμα|خطأ|مشكلة|خطا|שגיאה|בעיה|त्रुटि|ผิดพลาด|错误|錯誤|报错|報錯|失败|失敗|崩溃|エラー|落ち(?:る|ます|ました)|오류|에러|실패""",
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
