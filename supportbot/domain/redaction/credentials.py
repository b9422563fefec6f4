"""Passwords and keys that are known by what stands before them: a name, a URL, a header."""

import binascii
import re
from collections.abc import Iterator

from supportbot.domain.redaction.findings import Finding, SecretKind


def find_credentials(text: str) -> Iterator[Finding]:
    """Find secrets in URLs, headers, connection strings, assignments and sentences.

    Only the secret itself is a finding, never its name, so that the rest still helps a reader.
    """
    yield from _find_in_urls(text)
    yield from _find_in_headers(text)
    yield from _find_assigned_keys(text)
    yield from _find_assigned_passwords(text)


# --- URLs: scheme://user:password@host (RFC 3986, 3.2.1), and `curl -u user:password`

_URL_PASSWORD = re.compile(
    r"(?<=[A-Za-z0-9])://[^\s/:@'\"`<>]{0,200}:(?P<value>[^\s/'\"`<>]{1,200})@(?=[\w.\[$-])"
)
_CURL_PASSWORD = re.compile(
    r"\bcurl\b[^\n]{0,200}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,100}:(?P<value>[^\s\"']{3,200})"
)


def _find_in_urls(text: str) -> Iterator[Finding]:
    for pattern in (_URL_PASSWORD, _CURL_PASSWORD):
        for match in pattern.finditer(text):
            if not _is_placeholder(match["value"]):
                yield Finding(SecretKind.PASSWORD, *match.span("value"))


# --- Headers: `Authorization: Bearer …` (RFC 6750), `Basic …` (RFC 7617)

_HEADER = re.compile(
    r"(?i)\b(?:bearer|authorization[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?"
    r"(?P<scheme>basic|token|key|apikey|sharedkey|ssws)?)[ \t]{1,3}"
    r"(?P<value>[\w.~+/:-]{8,4000}={0,2})"
)


def _find_in_headers(text: str) -> Iterator[Finding]:
    for match in _HEADER.finditer(text):
        value = _trimmed(match["value"])
        is_basic = (match["scheme"] or "").lower() == "basic"
        if _holds_a_password(value) if is_basic else _is_random(value):
            yield _finding(SecretKind.API_KEY, match)


def _holds_a_password(base64: str) -> bool:
    try:
        _, colon, password = binascii.a2b_base64(base64).partition(b":")
    except binascii.Error:
        return False
    return bool(colon) and not _is_placeholder(password.decode("utf-8", "replace"))


# --- Assignments: `name = "value"`, `"name": "value"`, `name=value;`, `<name>value</name>`

_LOGIN_NAMES = (
    r"(?:password|passwd|pass_?phrase|passcode|passwort|kennwort|contrase[nñ]a|mot de passe|senha"
    r"|пароль|pwd|(?-i:(?<![A-Za-z])(?:[Pp]ass|PASS(?=[\"']?=)|[Pp][Ww])|(?<=_)PASS))[0-9]?"
)
_KEY_NAMES = (
    r"(?:(?<!publickey)token|secret|apikey|(?:api|access|account|secret|auth|private|signing"
    r"|encryption|subscription|functions?|master|license|storage|webhook)[ _-]?key)[0-9]?"
    r"(?:[ _-]?(?:value|string))?"
)
# What may stand between a name and its value: `=`, `:`, `=>`, `:=`, `": "`, `" value="`, `>`.
_IS = (
    r"(?:\\?[\"'`*]{0,3}[ \t]{0,3}(?:=>|:=|==?|:)[ \t]{0,3}"
    r"|>(?=[^<>\n]{1,400}<)|&gt;(?=[^<>\n]{1,400}&lt;)|[\"'][ \t]{1,3}value=)"
    r"(?:\*{1,2}[ \t]{0,2})?(?:\\?[\"'`])?"
)
_VALUE = (
    r"(?P<value>(?<=[\"'`])(?:(?:[a-z]{4} ){3}[a-z]{4}(?=[\"'`])|[^\s\"'`<>]{1,400})"
    r"|(?:[^\s\"'`;<>|&]|&(?!(?:lt|gt|quot|#[0-9]+);|(?:amp;){0,3}[\w.-]{1,40}=)){1,400})"
)


def _assigned(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?:{name}{_IS}|--[a-z-]{{0,24}}{name}[ \t][\"'`]?){_VALUE}")


_ASSIGNED_KEY = _assigned(_KEY_NAMES)
_ASSIGNED_PASSWORD = _assigned(_LOGIN_NAMES)
# "The password is …", "das Passwort lautet …"
_SAID_PASSWORD = re.compile(
    r"(?i)\b(?:password|passcode|passwort|kennwort|contrase[nñ]a|mot de passe|pw|pwd)\b"
    r"[^\n.:=]{0,25}?\s(?:is|was|to|ist|war|lautet|es|est)[ \t]{1,2}[\"'`]?" + _VALUE
)
_KEY_WORDS = ("token", "secret", "key")
_PASSWORD_WORDS = ("pass", "pw", "kennwort", "contrase", "senha", "пароль")


def _find_assigned_keys(text: str) -> Iterator[Finding]:
    if _mentions(text, _KEY_WORDS):
        for match in _ASSIGNED_KEY.finditer(text):
            if _is_random(_trimmed(match["value"])):
                yield _finding(SecretKind.API_KEY, match)


def _find_assigned_passwords(text: str) -> Iterator[Finding]:
    if _mentions(text, _PASSWORD_WORDS):
        for match in _ASSIGNED_PASSWORD.finditer(text):
            value = _trimmed(match["value"])
            if _is_password(value) or (
                _is_in_connection_string(match) and not _is_placeholder(value)
            ):
                yield _finding(SecretKind.PASSWORD, match)
        for match in _SAID_PASSWORD.finditer(text):
            value = _trimmed(match["value"])
            if _HAS_DIGIT.search(value) and _is_password(value):
                yield _finding(SecretKind.PASSWORD, match)


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in words)


def _finding(kind: SecretKind, match: re.Match[str]) -> Finding:
    start = match.start("value")
    return Finding(kind, start, start + len(_trimmed(match["value"])))


def _trimmed(value: str) -> str:
    """Leave the sentence its full stop, and Markdown its signs."""
    return value.rstrip(".,:;)]}*\\") or value


# --- Values

_PLACEHOLDER = re.compile(
    r"""(?ix)
    [<\[{(]                                         # <your password>, [password], {{ password }}
    | &lt;
    | \$[\w({]                                      # $PASSWORD, ${password}, $(cat file)
    | [@:%&]\w+[%:]?$                               # @password, :password, %PASSWORD%
    | (.)\1*$                                       # ********
    | .{0,11}(?:\*{3} | x{3} | \.{3} | … | •{2} | _{3} | \#{3})   # with more, too much is seen
    | .{0,11}(?:your|change.?me|placeholder|example|redacted|removed|obscured|hidden|dummy|replace)
    | (?:[a-z]{1,12}[-_ ]?)?(?:secret|password|passwd|pass|pwd|pw|token|key)[-_ ]?(?:here)?$
    | (?:abc?d?|test|foo|pass|demo)?1234?(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?$
    """
)
# An expression of a programming language, or an address or version, rather than a value.
_CODE = re.compile(
    r"""(?x)
    @?[\w.]*\w[(\[]                                 # get_password(), row["password"]
    | @?[A-Za-z_]\w*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*)+$   # settings.PASSWORD
    | [A-Z]+(?:_[A-Z0-9]+)+$                        # DB_PASSWORD
    | .*(?:\$\{ | \#\{ | \{\{ | \{\w*\}$)           # prefix-${PASSWORD}
    | (?:~|\.{0,2})/[\w.-]+(?:/|$)                  # /run/secrets/password
    | [A-Za-z]{2,10}://
    | [0-9]{1,4}(?:[./:][0-9]{1,4})+$               # 127.0.0.1, 1.9.1, 12:30
    """
)
_ALGORITHM = re.compile(
    r"(?i)(?:sha|md|base|utf|argon|oauth|pbkdf|aes|rsa|ntlm|ascii|i18n|version|v)[-_]?[0-9]"
)
_HAS_DIGIT = re.compile(r"[0-9]")
_HAS_SIGN = re.compile(r"[!@#$%^&*+=?~§€£]")
_HAS_LETTER = re.compile(r"[^\W\d_]")
_SHORTEST_PASSWORD = 6


def _is_placeholder(value: str) -> bool:
    return bool(_PLACEHOLDER.match(value))


def _is_password(value: str) -> bool:
    """Tell a password from a word: it has a digit or a sign, and is neither code nor a stand-in.

    An ordinary word ("password: string") is a word; who uses one as a password is not protected.
    """
    return (
        len(value) >= _SHORTEST_PASSWORD
        and bool(
            _HAS_DIGIT.search(value) or (_HAS_SIGN.search(value) and _HAS_LETTER.search(value))
        )
        and not (_is_placeholder(value) or _CODE.match(value) or _ALGORITHM.match(value))
    ) or bool(_APP_PASSWORD.fullmatch(value))


# Source: https://support.google.com/accounts/answer/185833, four groups of four letters.
_APP_PASSWORD = re.compile(r"(?:[a-z]{4} ){3}[a-z]{4}")


# `Server=…;Password=zebra;Database=…`: here every value is what it says.
# Source: https://learn.microsoft.com/dotnet/framework/data/adonet/connection-string-syntax
_FURTHER_SETTING = re.compile(r";[ \t]{0,2}[A-Za-z][\w ]{1,40}=")
_EARLIER_SETTING = re.compile(r"\w=[^=\n]{1,200};[ \t]{0,2}$")


def _is_in_connection_string(match: re.Match[str]) -> bool:
    text, start = match.string, match.start()
    return match[0][: match.start("value") - start].endswith("=") and bool(
        _FURTHER_SETTING.match(text, match.end("value"))
        or _EARLIER_SETTING.search(text, max(0, start - 250), start)
    )


_SHORTEST_KEY = 12
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_LONGEST_MEAN_RUN = 3.3
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _is_random(value: str) -> bool:
    """Tell a key from a name or a phrase: its letters and digits change places all the time.

    `google_oauth2_client_secret` has runs of 4.2 letters or digits on average, a hexadecimal
    number 2.1, base64 1.7.
    """
    runs = _RUN.findall(value)
    return (
        len(value) >= _SHORTEST_KEY
        and bool(_HAS_DIGIT.search(value) and _HAS_LETTER.search(value))
        and sum(map(len, runs)) <= _LONGEST_MEAN_RUN * len(runs)
        and not (_is_placeholder(value) or _CODE.match(value) or _DATE.match(value))
    )
