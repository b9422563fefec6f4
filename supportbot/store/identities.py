"""The identities that members have joined, and the codes with which they do it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, Index, SQLModel, col, delete, select

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.persons import Persons
from supportbot.store.engine.columns import UtcDateTime
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


class IdentityRow(SQLModel, table=True):
    """An identity of somebody who has more than one."""

    __tablename__ = "identity"
    __table_args__ = (Index("identity_by_person", "community_id", "person_id"),)
    community_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)
    person_id: str
    name: str


class LinkCodeRow(SQLModel, table=True):
    """A code that somebody may type elsewhere: the newest of each member."""

    __tablename__ = "link_code"
    community_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)
    name: str
    code_hash: str
    expires_at: datetime = Field(sa_type=UtcDateTime)


def persons(tx: Transaction) -> Persons:
    """Return who is who, as it is when a transaction first asks: it does so several times."""
    key = f"persons of {tx.community_id}"
    if key not in tx.info:
        tx.info[key] = _read_persons(tx)
    known: Persons = tx.info[key]
    return known


def _read_persons(tx: Transaction) -> Persons:
    groups: dict[str, list[str]] = {}
    for person_id, member_id in connection_of(tx).execute(_ALL, {"community_id": tx.community_id}):
        groups.setdefault(person_id, []).append(member_id)
    return Persons.of(groups.values())


_ALL = select_columns(col(IdentityRow.person_id), col(IdentityRow.member_id)).where(
    col(IdentityRow.community_id) == bindparam("community_id")
)


def of_person(tx: Transaction, author: Author) -> tuple[Author, ...]:
    """Return all identities of somebody, in the order of their ids; themselves where it is one."""
    own = tx.get(IdentityRow, (tx.community_id, author.member_id))
    if own is None:
        return (author,)
    rows = tx.exec(
        select(IdentityRow)
        .where(
            IdentityRow.community_id == tx.community_id,
            IdentityRow.person_id == own.person_id,
        )
        .order_by(col(IdentityRow.member_id))
    )
    return tuple(Author.of(row.member_id, row.name) for row in rows)


def offer(tx: Transaction, author: Author, code_hash: str, *, expires_at: datetime) -> None:
    """Keep the code that somebody was given, in place of one before."""
    tx.merge(
        LinkCodeRow(
            community_id=tx.community_id,
            member_id=author.member_id,
            name=author.name,
            code_hash=code_hash,
            expires_at=expires_at,
        )
    )


def offered_by(tx: Transaction, code_hash: str, *, now: datetime) -> Author | None:
    """Return who was given a code; None when nobody was, or it is over."""
    row = tx.exec(
        select(LinkCodeRow).where(
            LinkCodeRow.community_id == tx.community_id,
            LinkCodeRow.code_hash == code_hash,
            LinkCodeRow.expires_at > now,
        )
    ).first()
    return None if row is None else Author.of(row.member_id, row.name)


def join(tx: Transaction, one: Author, other: Author) -> None:
    """Let two identities be one person's, with all that each was joined to before."""
    together = {author.member_id: author for author in (*of_person(tx, one), *of_person(tx, other))}
    person_id = min(together)
    for member_id, author in together.items():
        tx.merge(
            IdentityRow(
                community_id=tx.community_id,
                member_id=member_id,
                person_id=person_id,
                name=author.name,
            )
        )
    _forget_codes(tx, (one.member_id, other.member_id))


def leave(tx: Transaction, member_id: str) -> None:
    """Let an identity stand for itself again; two that were joined are both alone then."""
    own = tx.get(IdentityRow, (tx.community_id, member_id))
    _forget_codes(tx, (member_id,))
    if own is None:
        return
    left = [
        row
        for row in tx.exec(
            select(IdentityRow).where(
                IdentityRow.community_id == tx.community_id,
                IdentityRow.person_id == own.person_id,
            )
        )
        if row.member_id != member_id
    ]
    tx.delete(own)
    for row in left:
        if len(left) == 1:
            tx.delete(row)
        else:
            row.person_id = min(one.member_id for one in left)


def _forget_codes(tx: Transaction, member_ids: Collection[str]) -> None:
    tx.exec(
        delete(LinkCodeRow).where(
            col(LinkCodeRow.community_id) == tx.community_id,
            col(LinkCodeRow.member_id).in_(member_ids),
        )
    )
