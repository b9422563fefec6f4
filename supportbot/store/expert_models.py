"""What a community's own past says about who answers: one fitted model for each."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col

from supportbot.domain.experts.expertise import FEATURES
from supportbot.domain.experts.routing import ExpertModel
from supportbot.store.engine.columns import Json, UtcDateTime
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction


class ExpertModelRow(SQLModel, table=True):
    """The coefficients, by the names of their features."""

    __tablename__ = "expert_model"
    community_id: str = Field(primary_key=True)
    fitted_at: datetime = Field(sa_type=UtcDateTime)
    intercept: float
    weights: Any = Field(sa_column=Column(Json(dict[str, float]), nullable=False))


def keep(tx: Transaction, model: ExpertModel, *, now: datetime) -> None:
    """Keep a model, in place of the one before."""
    weights = dict(zip(FEATURES, model.weights, strict=True))
    tx.merge(
        ExpertModelRow(
            community_id=tx.community_id, fitted_at=now, intercept=model.intercept, weights=weights
        )
    )


def read(tx: Transaction) -> ExpertModel | None:
    """Read the model; None when there is none, or when it was fitted for other features."""
    row = connection_of(tx).execute(_MODEL, {"community_id": tx.community_id}).first()
    if row is None or set(row.weights) != set(FEATURES):
        return None
    return ExpertModel(row.intercept, tuple(row.weights[name] for name in FEATURES))


_MODEL = select_columns(col(ExpertModelRow.intercept), col(ExpertModelRow.weights)).where(
    col(ExpertModelRow.community_id) == bindparam("community_id")
)
