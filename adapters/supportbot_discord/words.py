"""What the commands are called in other languages than English."""

from collections.abc import Mapping
from types import MappingProxyType

from discord import Locale
from discord.app_commands import TranslationContextTypes, Translator, locale_str

TABLES: Mapping[Locale, Mapping[str, str]] = MappingProxyType(
    {
        Locale.german: {
            "ask": "fragen",
            "Ask me; only you see the reply": "Frag mich; nur du siehst die Antwort",
            "question": "frage",
            "What you want to know": "Was du wissen möchtest",
            "experts": "wer-weiß",
            "Who knows about a topic": "Wer sich mit einem Thema auskennt",
            "Such as: ledger": "Zum Beispiel: Hauptbuch",
            "home": "mein-stand",
            "Your questions, what waits for you, and whom you helped": (
                "Deine Fragen, was auf dich wartet, und wem du geholfen hast"
            ),
            "me": "ich",
            "How you are asked: see it, or change it": "Wie du gefragt wirst: ansehen oder ändern",
            "Such as: budget 3, hours 9-17, topics ledger, tax": (
                "Zum Beispiel: budget 3, hours 9-17, topics Hauptbuch"
            ),
            "link": "verbinden",
            "You are known on another platform, too": "Du bist auch auf einer anderen Plattform",
            "code": "code",
            "The code that you were given there": "Der Code, den du dort bekommen hast",
            "topics": "themen",
            "Choose what you know about": "Wähle, womit du dich auskennst",
            "help": "hilfe",
            "What I do": "Was ich tue",
            "Ask the group": "Die Gruppe fragen",
            "settings": "einstellungen",
            "To what I listen in this channel": "Worauf ich in diesem Kanal höre",
            "unanswered": "unbeantwortet",
            "The open questions that nobody has answered": (
                "Die offenen Fragen, auf die niemand geantwortet hat"
            ),
            "review": "prüfen",
            "Take back, restore or correct an answer that I show": (
                "Eine Antwort zurücknehmen, wieder zeigen oder berichtigen"
            ),
            "aside": "liegengeblieben",
            "How much could not be handled or delivered": (
                "Wie viel nicht bearbeitet oder zugestellt werden konnte"
            ),
        },
    }
)
"""Another language is one more table; what is missing in it stays English."""


class Words(Translator):
    """Gives what something is called in a language."""

    async def translate(
        self, string: locale_str, locale: Locale, context: TranslationContextTypes
    ) -> str | None:
        """Return it; None where it stays English."""
        del context
        return TABLES.get(locale, {}).get(string.message)
