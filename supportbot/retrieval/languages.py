"""In which language a text is written, where that is certain."""

import logging
from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from supportbot.domain.chat.unicode import repaired

log = logging.getLogger(__name__)

_SURE = 0.95
"""Probability from which a language is told. Of 2,700 short English questions none was told to be
in another one."""
_LONGEST = 300
"""Characters of a text that are looked at."""
_NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish",
    "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""Languages that are told, and how they are called. The rest are too rare to be likely."""


@lru_cache(maxsize=4_096)
def language_of(text: str) -> str:
    """Name the language of a text, such as `German`; empty where it is not certain.

    Source: Lui & Baldwin 2012, "langid.py", as `py3langid` has it.
    """
    identifier = _identifier()
    if identifier is None:
        return ""
    code, probability = identifier.classify(repaired(text[:_LONGEST]))
    return _NAMES.get(code, "") if probability >= _SURE else ""


def other_language(asked: str, found: str) -> str:
    """Name the language that is found, where a question is certainly in another one."""
    of_question = language_of(asked)
    of_found = language_of(found) if of_question else ""
    return of_found if of_found != of_question else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Load what tells languages apart: a second. None where it cannot be loaded now.

    It is unpacked into a temporary file, and a bot on a full disk goes on without it.
    """
    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:
        log.warning("languages are not told apart until the next start: %s", error)
        return None
