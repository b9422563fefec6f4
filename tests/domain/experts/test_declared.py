import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.experts.declared import Declared, owner_on

PAUL = Declared("Paul", ("taxes",), ("slack:U2", "zulip:a:b"))


def test_an_expert_has_an_identity_on_each_platform() -> None:
    assert PAUL.author_on("slack") == Author("slack", "U2", "Paul")
    assert PAUL.author_on("zulip") == Author("zulip", "a:b", "Paul")
    assert PAUL.author_on("terminal") is None


@pytest.mark.parametrize(
    ("owner", "platform", "member"),
    [
        ("Paul", "slack", "slack:U2"),
        ("paul", "zulip", "zulip:a:b"),
        ("Paul", "discord", None),
        ("supportbot maintainers", "slack", None),
        ("Ann", "slack", None),
        ("slack:U7", "slack", "slack:U7"),
        ("slack:U7", "discord", None),
        ("slack:", "slack", None),
    ],
)
def test_the_owner_of_a_document_is_an_expert_by_name_or_a_member_by_id(
    owner: str, platform: str, member: str | None
) -> None:
    anns = [Declared("Ann", ("taxes",), (f"slack:{id_}",)) for id_ in ("U3", "U4")]

    found = owner_on([PAUL, *anns], owner, platform)

    assert (found.member_id if found else None) == member
