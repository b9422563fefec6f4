"""Whom somebody's accepted answers have helped: people, and not accounts."""

from sqlmodel import Session

from supportbot.store import conversations, identities, outsiders


def count_people_helped(
    tx: Session, community_id: str, member_id: str, *, without: str = ""
) -> int:
    """Count the different people whose questions were solved by what somebody answered.

    Identities that are joined are one person, whoever of them asked or answered; nobody counts as
    having helped themselves, and guests and people of other organisations make nobody trusted.

    Args:
        tx: A transaction.
        community_id: Whose answers.
        member_id: Who answered.
        without: Id of an answer that is left out.
    """
    who = identities.persons(tx, community_id)
    theirs = who.members(member_id)
    askers = conversations.askers_helped(tx, community_id, theirs, without=without)
    members = set(askers) - outsiders.all_of(tx, community_id)
    return len({who.person(asker) for asker in members} - {who.person(member_id)})
