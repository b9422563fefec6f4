"""Addresses and numbers that belong to a person: mail, phone, bank account, payment card."""

import re
from collections.abc import Iterable, Iterator

from supportbot.domain.redaction.findings import Finding, SecretKind


def find_personal_data(text: str) -> Iterator[Finding]:
    """Find mail addresses, phone numbers, IBANs and card numbers."""
    yield from _find_emails(text)
    if _SEVEN_DIGITS.search(text):
        yield from _find_phones(text)
        yield from _find_ibans(text)
        yield from _find_cards(text)


_SEVEN_DIGITS = re.compile(r"[0-9](?:[^0-9\n]{0,4}[0-9]){6}")


# --- Mail addresses

# `@user@host.social` is a public name, not a mailbox, and `ssh://user@host` a login: both stay.
_EMAIL = re.compile(
    r"(?P<link><mailto:)?(?<![\w.+%@-])(?P<local>[^\W_][\w.+%'-]{0,63})"
    r"@(?P<domain>(?:[^\W_][\w-]{0,62}\.){1,6}(?P<top>[^\W\d_]{2,24}))(?![\w@]|-\w|\.\w)"
    r"(?(link)(?:\|[^>\n]{1,200})?>)"
)
# As in: anna (at) firma (dot) de.
_SPELT_EMAIL = re.compile(
    r"(?i)(?<![\w.+-])[^\W_][\w.+-]{0,63} ?[\[({](?:at|ät)[\])}] ?[^\W_][\w-]{0,62}"
    r"(?: ?(?:\.|[\[({](?:dot|punkt|point)[\])}]) ?[^\W_][\w-]{1,62}){1,5}"
)
# Domains for documentation (RFC 2606, RFC 6761), and the companies of Microsoft's manuals.
_NOBODYS_DOMAIN = re.compile(
    r"(?i)(?:.*\.)?(?:example\.(?:com|org|net|edu)|(?:contoso|fabrikam)\.com"
    r"|[\w-]+\.(?:example|test|invalid|localhost))$"
)
_FILE_ENDING = re.compile(
    r"(?i)(?:png|jpe?g|gif|svg|webp|ico|[mc]?[jt]sx?|s?css|json|ya?ml|xml|html?|md|txt|py|rb|java"
    r"|class|jar|service|timer|socket|target|mount|zip|t?gz|git|log|conf|sql|dll)$"
)
_PRODUCT = re.compile(r"\w@\w\.[a-z]{3,}$")
_VERSION = re.compile(r"v?[0-9]+\.[0-9]")
# A path on another machine, or a call, of which a domain that is known to be one is none.
_REST_OF_CODE = re.compile(
    r":[\w.~-]{0,100}/|(?<!\.com)(?<!\.org)(?<!\.net)(?<!\.edu)(?<!\.[a-z]{2})\("
)


def _find_emails(text: str) -> Iterator[Finding]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            if _is_mailbox(match):
                yield Finding(SecretKind.EMAIL, *match.span())
    for match in _SPELT_EMAIL.finditer(text):
        yield Finding(SecretKind.EMAIL, *match.span())


def _is_mailbox(match: re.Match[str]) -> bool:
    """Tell a mailbox from `logo@2x.png`, `git@host:path`, `pkg@1.2.rc` and `W@x.mean(0)`."""
    return not (
        match["local"] == "git"
        or _is_login(match)
        or _PRODUCT.match(match["local"] + "@" + match["domain"])
        or _FILE_ENDING.match(match["top"])
        or _VERSION.match(match["domain"])
        or _NOBODYS_DOMAIN.match(match["domain"])
        or _REST_OF_CODE.match(match.string, match.end("top"))
    )


def _is_login(match: re.Match[str]) -> bool:
    """Whether it is the `anna:zebra@host.de` of a URL."""
    text, start = match.string, match.start("local")
    scheme = text.rfind("://", max(0, start - _LONGEST_LOGIN), start)
    return scheme >= 0 and not _END_OF_LOGIN.search(text, scheme + len("://"), start)


_LONGEST_LOGIN = 300
_END_OF_LOGIN = re.compile(r"[\s/?#]")


# --- Phone numbers

# `+` and fewer than nine digits is rather a difference or an offset.
_INTERNATIONAL = re.compile(
    r"(?<![\w.])\+[ (]{0,2}[0-9](?:[ \u00a0()./\u2010-\u2015-]{0,4}[0-9]){8,17}"
)
_CONTEXT = re.compile(
    r"(?i)(?:(?<![a-z])(?:phone|tel|telephone|telefon|tel[eé]fono|t[eé]l[eé]phone|mobile|mobil"
    r"|handy|fax|whatsapp|hotline|sms|cell(?: ?phone|(?=:))|movil|móvil|тел|моб"
    r"|(?:call|text|ring|dial|reach)(?: me| us| him| her| them)(?: at| on)?)(?![a-z])"
    r"|☎|📞|📱|wa\.me/|whatsapp\.com/send\?phone=)"
    r"(?:[ \t]?(?:number|no|nr|nummer)(?![a-z]))?[^\w\n+]{0,8}(?:(?:is|ist|at|on)[ \t:]{1,3})?"
    r"(?P<number>\(?[0-9][0-9 \u00a0()./-]{5,22}[0-9])(?![\w-]|\.[0-9])"
)
_AMERICAN = re.compile(
    r"(?<![\w.(/-])(?P<number>(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}-)[2-9][0-9]{2}-[0-9]{4})"
    r"(?![\w-])"
)
_DIALLED = re.compile(
    r"(?<![\w.+/-])(?P<number>00[1-9][0-9]{0,2}[ /-]\(?[0-9][0-9 \u00a0()/-]{5,18}[0-9])(?![\w-])"
)
_DATE = re.compile(r"\(?[0-9]{4}-[0-9]{2}-[0-9]{2}|\(?[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}")
# A number without its country may be of any of these.
_REGIONS = (
    "US",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "BE",
    "AT",
    "CH",
    "DK",
    "SE",
    "NO",
    "FI",
    "PL",
    "CZ",
    "PT",
    "IE",
    "AU",
    "NZ",
    "IN",
    "BR",
    "ZA",
    "MX",
    "RU",
    "UA",
    "TR",
    "JP",
    "CN",
    "SG",
)


def _find_phones(text: str) -> Iterator[Finding]:
    """Find numbers with their country's code; and others where the text calls them a phone.

    Which numbers exist is known to Google's library. It is imported here, since it takes 40 ms
    that `--help` should not pay.
    """
    import phonenumbers  # noqa: PLC0415 - slow, and few texts need it

    for candidate in _INTERNATIONAL.finditer(text):
        for number in phonenumbers.PhoneNumberMatcher(candidate[0], None):
            start = candidate.start()
            yield Finding(SecretKind.PHONE, start + number.start, start + number.end)
    for pattern, regions in ((_CONTEXT, _REGIONS), (_AMERICAN, ("US",)), (_DIALLED, ("US",))):
        for match in pattern.finditer(text):
            if _is_in_use(match["number"], regions):
                yield Finding(SecretKind.PHONE, *match.span("number"))


def _is_in_use(number: str, regions: Iterable[str]) -> bool:
    """Whether one of the regions has such numbers; with 00, whether any country has."""
    import phonenumbers  # noqa: PLC0415 - see above

    if _DATE.match(number):
        return False
    written = f"+{number[2:]}" if number.startswith("00") else number
    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(written, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


# --- Bank accounts: ISO 13616, lengths from the IBAN registry (https://www.swift.com/standards)

_IBAN = re.compile(r"(?<![A-Za-z0-9])(?=(?P<iban>[A-Z]{2}[0-9]{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}))")
_COUNTRIES_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "AX DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE GG IE IM JE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "AO CV GW LY MZ PT ST",
    26: "DZ IR IS TR",
    27: "BI BL CF CG CM DJ FR GA GF GP GQ GR IT KM MC MF MG MQ MR NC PF PM RE SM TD TF WF YT",
    28: "AL AZ BF BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTH = {
    country: length
    for length, countries in _COUNTRIES_BY_LENGTH.items()
    for country in countries.split()
}


def _find_ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        start = match.start()
        signs = [place for place, sign in enumerate(match["iban"], start) if sign.isalnum()]
        length = _IBAN_LENGTH.get(match["iban"][:2], 0)
        if 0 < length <= len(signs):
            end = signs[length - 1] + 1
            iban = "".join(text[place] for place in signs[:length])
            if _checks_out(iban) and not text[end : end + 1].isalnum():
                yield Finding(SecretKind.IBAN, start, end)


def _checks_out(iban: str) -> bool:
    """Compute the check of ISO 7064: the number that the IBAN spells is 1 modulo 97."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


# --- Payment cards: ISO/IEC 7812. Lengths and groups as they are printed, so that the numbers of
# orders, times (13 or 16 digits) and Discord's ids (17 to 19) are hardly ever taken for one.

_CARD = re.compile(
    r"(?<![\w./+-])(?:"
    r"(?:4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6011|64[4-9][0-9]|65[0-9]{2}|62[0-9]{2}"
    r"|35[2-8][0-9])(?P<four>[ \u00a0-]?)[0-9]{4}(?P=four)[0-9]{4}(?P=four)[0-9]{4}"
    r"|3[47][0-9]{2}(?P<amex>[ \u00a0-]?)[0-9]{6}(?P=amex)[0-9]{5}"
    r"|3(?:0[0-5]|[689][0-9])[0-9](?P<diners>[ \u00a0-])[0-9]{6}(?P=diners)[0-9]{4}"
    r")(?![\w/+-]|\.[0-9]| [0-9]{4}(?![0-9]))"
)


def _find_cards(text: str) -> Iterator[Finding]:
    for match in _CARD.finditer(text):
        if _has_check_digit(re.sub(r"[^0-9]", "", match[0])):
            yield Finding(SecretKind.CARD, *match.span())


def _has_check_digit(number: str) -> bool:
    """Compute Luhn's check: every second digit from the right is doubled."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
