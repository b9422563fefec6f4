"""Telling those who answered whom it helped, once a week."""

from collections.abc import Collection
from datetime import timedelta
from functools import partial

from supportbot.domain.chat.places import direct_place
from supportbot.domain.experts.declared import Declared, owner_on
from supportbot.domain.knowledge.receipts import receipts_of, week_of
from supportbot.domain.replies.receipts import compose_receipt
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.jobs.schedule import Job
from supportbot.ports import Clock
from supportbot.store import knowledge, outbox, profiles, statistics
from supportbot.store import receipts as shown
from supportbot.store.engine.sqlite import Database
from supportbot.store.outbox_rows import Cause


def receipts(
    database: Database,
    clock: Clock,
    *,
    platforms: Collection[str],
    experts: Collection[Declared] = (),
) -> Job:
    """Return the job that tells people, each alone and once a week, whom their answers helped.

    So are the owners of the group's own documents, where they are known.

    Those who do not want to hear of it, and those who have left, are told nothing.

    Args:
        database: Where it is kept what was shown to whom.
        clock: Says which week it is.
        platforms: Where messages can be delivered.
        experts: They may own documents.
    """

    def tell() -> None:
        now = clock.now()
        with database.writing() as tx:
            gone = statistics.gone(tx)
            owned = shown.showings_of_owned(tx, partial(owner_on, experts))
            showings = [*shown.showings(tx), *owned]
            for receipt in receipts_of(showings):
                author = receipt.author
                id_ = f"receipt/{week_of(now)}/{knowledge.content_hash(author.member_id)}"
                if (
                    author.platform not in platforms
                    or author.member_id in gone
                    or not profiles.availability_of(tx, author.member_id).receipts
                    or outbox.is_known(tx, id_)
                ):
                    continue
                place = direct_place(author, receipt.workspace)
                message = OutgoingMessage(id_, place, compose_receipt(receipt, now=now))
                cause = Cause(member_id=author.member_id)
                outbox.put(tx, [message], now=now, cause=cause)
                told = [one for one in showings if one.author.member_id == author.member_id]
                shown.note_told(tx, told, now=now)

    return Job("receipts", timedelta(days=7), tell)
