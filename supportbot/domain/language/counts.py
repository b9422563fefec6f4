"""Small things about sentences."""


def counted(number: int, what: str) -> str:
    """Count things in words that read: `no questions`, `1 question`, `1,200 questions`."""
    return f"{format(number, ',') if number else 'no'} {what}{'' if number == 1 else 's'}"


def shortened(text: str, limit: int) -> str:
    """Cut a long text at the end of a paragraph or line, and close a code block that was cut.

    Args:
        text: Markdown.
        limit: Letters that are kept at most; what closes it comes on top, up to 6.
    """
    if len(text) <= limit:
        return text
    cut = text[:limit]
    cut = cut[: max(cut.rfind("\n\n"), cut.rfind("\n"), limit // 2)].rstrip()
    if cut.count("```") % 2:
        cut += "\n```"
    return f"{cut}\n…"
