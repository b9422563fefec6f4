"""What a name may be, and what a terminal makes of it in the bot's own sentences."""

from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.unicode import neutralised
from supportbot.domain.replies.asking import compose_claimed
from supportbot_terminal.render import render_reply


@given(st.sampled_from(["[bold]x[/]", "\x1b[2J", "", "{who}", "P" * 5_000]) | st.text(max_size=100))
def test_no_name_is_obeyed_or_breaks_the_line(name: str) -> None:
    console = Console(record=True, width=2_000, color_system=None, file=StringIO())
    reply = compose_claimed(Author("terminal", name, name))

    console.print(render_reply(reply, "1", is_plain=True))

    head, said, *_ = console.export_text(styles=False).splitlines()
    assert head == "supportbot  @1"
    assert said.startswith("  ")
    assert said == neutralised(said)
    assert len(said) < 200
