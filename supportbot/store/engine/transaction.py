"""An open transaction, which carries its community."""

from typing import Any

import sqlalchemy
from sqlmodel import Session


class Transaction(Session):
    """An open transaction of one community. Only `store` looks inside it.

    Attributes:
        community_id: Whose rows are read and written. No query can leave it out.
    """

    def __init__(self, bind: sqlalchemy.Connection, community_id: str, **options: Any) -> None:
        """Work through a connection, for one community."""
        super().__init__(bind, **options)
        self.community_id = community_id
