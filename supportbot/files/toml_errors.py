"""What is wrong in settings, for the person who wrote them: what a line should be. Pure."""

import re
from collections.abc import Mapping
from typing import Any

_LONGEST = 200


def explain_syntax(text: str, said: str) -> str:
    """Say in which line of a TOML file the mistake is, and what to write instead.

    Args:
        text: The file.
        said: What `tomllib` says of it.
    """
    lines, place = text.splitlines(), _PLACE.search(said)
    if text.lstrip().startswith("{"):
        return 'this is JSON. A setting is a line such as: community = "gardeners"'
    number = min(int(place[1]), len(lines)) if place else len(lines)
    line = lines[number - 1].strip() if lines else ""
    return f"line {number}: {_mend(line, said) or f'{line[:_LONGEST]}: {said}'}"


def explain_value(detail: Mapping[str, Any]) -> str:
    """Return what a value should be.

    Args:
        detail: One of pydantic's errors: `type`, `ctx`, `input`, `loc`, `msg`.
    """
    kind, context, given = str(detail["type"]), detail.get("ctx") or {}, detail["input"]
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    wanted = _BOUNDS.get(kind)
    if wanted is not None:
        return f"it has to be {wanted} {next(iter(context.values())):g}"
    explain = _EXPLANATIONS.get(kind)
    if explain is not None:
        return explain(name, given)
    if kind in {"literal_error", "enum"}:
        return f"choose {context['expected']}"
    if kind == "value_error":
        return str(context.get("error") or detail["msg"])
    if kind == "string_pattern_mismatch":
        return _as_address(str(context.get("pattern")))
    family = kind.partition("_")[0]
    return _FAMILIES.get(kind) or _FAMILIES.get(family) or str(detail["msg"]).lower()


_BOUNDS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}
_FAMILIES = {
    "int": "it has to be a whole number, without quotes",
    "float": "it has to be a number, without quotes",
    "finite": "it has to be a number",
    "bool": "it has to be true or false, without quotes",
    "date": "write the date as year, month, day: 2026-11-22",
    "path": "it has to be a path, in quotes",
    "string_too_short": "it is empty",
    "too_short": "it is empty",
    "string_too_long": "it is too long",
    "extra_forbidden": "there is no such setting",
    "missing": "it is missing",
}


def _as_list(name: str, given: object) -> str:
    if isinstance(given, Mapping):
        return f"write [[{name}]], with two brackets, above each of them"
    parts = [part.strip() for part in given.split(",")] if isinstance(given, str) else [given]
    shown = ", ".join(f'"{part}"' for part in parts)
    return f"it has to be a list: {name} = [{shown[:_LONGEST]}]"


def _as_table(name: str, given: object) -> str:
    if isinstance(given, list):
        return f"write [{name}], with one bracket"
    return f"it has to be a table: write [{name}] in a line of its own, and its settings below"


def _as_address(pattern: str) -> str:
    """Return what an address has to be, by the pattern that it does not fit."""
    if "http" not in pattern and "ws" not in pattern:
        return "it holds a character that cannot be there"
    begin = "https://" if "http" in pattern else "wss://"
    end = " and ends with /" if pattern.endswith("/$") else ", without / at the end"
    return f"it has to be an address that begins with {begin}{end if begin == 'https://' else ''}"


def _as_text(name: str, given: object) -> str:
    if isinstance(given, list | dict):
        return f'it has to be one text: {name} = "…"'
    return f'put it in quotes: {name} = "{str(given)[:_LONGEST]}"'


_EXPLANATIONS = {
    "tuple_type": _as_list,
    "list_type": _as_list,
    "model_type": _as_table,
    "model_attributes_type": _as_table,
    "dict_type": _as_table,
    "mapping_type": _as_table,
    "string_type": _as_text,
}
_PLACE = re.compile(r"\(at line (\d+)")
_CURLY = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u201b", "'")
)
_SET = re.compile(r"(?P<name>[\w.\"'-]+)\s*=\s*(?P<value>.*)")
_YAML = re.compile(r"(?P<name>[\w-]+)\s*:(?:\s+(?P<value>.*))?")
_WORDS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_WITH_COMMA = re.compile(r"\d+,\d+")
_PER_CENT = re.compile(r"(\d{1,2})\s*%")


def _mend(line: str, said: str) -> str:
    """Return what to write instead of a line, for the mistakes that people make."""
    straight, setting, yaml = line.translate(_CURLY), _SET.fullmatch(line), _YAML.fullmatch(line)
    if straight != line or line.startswith((";", "//")):
        is_comment = straight == line
        return (
            "a comment begins with #" if is_comment else f"quotes have to be straight: {straight}"
        )
    if "verwrite" in said or "twice" in said or "already" in said:
        name = setting["name"] if setting else line
        return f"{name} is there twice. Keep one of them"
    if setting:
        return _mend_setting(setting["name"], setting["value"])
    if yaml:
        name, value = yaml["name"], yaml["value"]
        is_table = "a table begins with its name in brackets:"
        is_value = "between name and value stands =:"
        return f"{is_value} {name} = {_quoted(value)}" if value else f"{is_table} [{name}]"
    if line.startswith("[") and line.count("[") != line.count("]"):
        return f"a bracket is missing: {line}"
    return ""


def _mend_setting(name: str, value: str) -> str:
    bare = value.strip()
    if not bare:
        return f'the value is missing: {name} = "…"'
    if bare.startswith('"') and "\\" in bare:
        plain = bare.strip('"')
        return f"for a backslash, write single quotes: {name} = '{plain}'"
    if bare[0] in "\"'":
        is_open = len(bare) == 1 or bare[-1] != bare[0]
        return f"a quote is missing at the end: {name} = {bare}{bare[0]}" if is_open else ""
    if bare[0] in "[{":
        return ""
    if bare.split()[0] != bare and bare.split()[1].startswith((";", "//")):
        return "a comment begins with #"
    return f"write: {name} = {_quoted(bare)}"


def _quoted(value: str) -> str:
    """Write a bare word as what was meant: a truth, a number, or a text."""
    word, per_cent = value.strip().lower(), _PER_CENT.fullmatch(value.strip())
    if word in {"true", "false"} or word in _WORDS:
        return _WORDS.get(word, word)
    if _WITH_COMMA.fullmatch(word):
        return word.replace(",", ".")
    if per_cent:
        return f"{int(per_cent[1]) / 100:g}"
    if word[:1] in "\"'[{" or re.fullmatch(r"\d+(\.\d+)?", word):
        return value.strip()
    return f'"{value.strip()}"'
