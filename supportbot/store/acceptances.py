"""Whom somebody's accepted answers have helped: people, and not accounts."""

from supportbot.store import conversations, identities, outsiders
from supportbot.store.engine.transaction import Transaction


def count_people_helped(tx: Transaction, member_id: str, *, without: str = "") -> int:
    """Count the different people whose questions were solved by what somebody answered.

    Identities that are joined are one person, whoever of them asked or answered; nobody counts as
    having helped themselves, and guests and people of other organisations make nobody trusted.

    Args:
        tx: A transaction.
        member_id: Who answered.
        without: Id of an answer that is left out.
    """
    who = identities.persons(tx)
    theirs = who.members(member_id)
    askers = conversations.askers_helped(tx, theirs, without=without)
    members = set(askers) - outsiders.all_of(tx)
    return len({who.person(asker) for asker in members} - {who.person(member_id)})
