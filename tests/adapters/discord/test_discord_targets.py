import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.replies.reply import Action
from supportbot_discord.targets import (
    LONGEST,
    PASS_TO,
    PLATFORM,
    SHARE_IN,
    Target,
    asked_from,
    asked_in,
    name_of,
    read_name,
)

LONG = 2**63 - 1
"""No id is longer."""
THREAD = Place(PLATFORM, str(LONG), str(LONG), str(LONG))
ALONE = direct_place(Author(PLATFORM, str(LONG), "Maria")).in_thread(asked_in(LONG, LONG))


@pytest.mark.parametrize("name", [*Action, PASS_TO, SHARE_IN, "form-when", "listen"])
@pytest.mark.parametrize("place", [THREAD, ALONE, Place(PLATFORM, "1", "2")])
def test_what_a_button_is_called_says_what_it_does_and_what_it_is_about(
    name: str, place: Place
) -> None:
    called = name_of(name, place)

    assert len(called) <= LONGEST
    assert read_name(called) == Target(name, place.workspace, place.channel, place.thread)


@pytest.mark.parametrize("called", ["", "sb", "sb:solved:1:2", "other:solved:1:2:3", "a:b:c:d:e:f"])
def test_a_button_of_another_is_none_of_ours(called: str) -> None:
    assert read_name(called) is None


def test_who_asked_alone_is_known_by_the_channel_and_the_interaction() -> None:
    assert asked_from(asked_in(12, 34)) == ("12", "34")
    assert asked_from("1234") is None
    assert asked_from(None) is None
