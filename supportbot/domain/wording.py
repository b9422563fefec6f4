"""Small things about sentences."""


def counted(number: int, what: str) -> str:
    """Count things in words that read: `no questions`, `1 question`, `1,200 questions`."""
    return f"{format(number, ',') if number else 'no'} {what}{'' if number == 1 else 's'}"
