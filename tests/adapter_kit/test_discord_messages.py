from supportbot.adapter_kit.discord_messages import words_forwarded, words_of

EMBED = {
    "title": "Ticket 7",
    "description": "The portal is down.",
    "fields": [{"name": "Since", "value": "today"}, {"name": "Seen"}, "junk"],
}


def test_the_content_is_what_was_said_and_a_preview_is_not() -> None:
    assert words_of(" See https://a.example ", [EMBED]) == "See https://a.example"


def test_without_content_the_embeds_are_what_was_said() -> None:
    assert words_of("", [EMBED, {}]) == "Ticket 7\nThe portal is down.\nSince: today\nSeen"


def test_forwarded_messages_are_quotations() -> None:
    assert words_forwarded(["One.\nTwo.", "", "Three."]) == "> One.\n> Two.\n\n> Three."
