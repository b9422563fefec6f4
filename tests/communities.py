"""Another community in the same database, of which ours must see nothing."""

import copy

from supportbot.store.engine.transaction import Transaction


def theirs(tx: Transaction) -> Transaction:
    """Return the same transaction, for the community "theirs"."""
    tx.connection()
    other = copy.copy(tx)
    other.community_id = "theirs"
    return other
