"""What the tables share: column kinds the same on both stores, and the columns of everything that moves."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Enum, MetaData, TextClause
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

from workflow.terms import Rank, WaitsOn

#: Every constraint has a name that both stores and every migration agree on.
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class Row(SQLModel):
    """What every table is made from. Rows are never built from it, so pydantic need not prepare to check any."""

    model_config = SQLModelConfig(defer_build=True)


def one_of(words: type[StrEnum], **field: Any) -> Any:
    """Return a column that stores one of these words by value; both stores refuse any other."""
    kind = Enum(
        words,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
        name=words.__name__.lower(),
        length=24,
    )
    return Field(sa_type=kind, **field)


def only(rows: TextClause) -> dict[str, Any]:
    """Return an index's `info` that makes it partial: over these rows only."""
    return {"only": rows}


def make_partial(metadata: MetaData) -> None:
    """Tell both dialects which indexes are partial, before a schema is made from the tables.

    Said where the tables are declared it would load both dialects, and every command would wait for the one it
    does not use.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            if "only" in index.info:
                index.dialect_kwargs.update(sqlite_where=index.info["only"], postgresql_where=index.info["only"])


def not_blank(columns: Iterable[str]) -> list[CheckConstraint]:
    """Return checks that refuse empty texts."""
    return [CheckConstraint(f"length({column}) > 0", name=f"{column}_not_blank") for column in columns]


class Tracked(Row):
    """What everything that moves carries: where it stands, whom it waits on and until when, and the head of its chain.

    Written by the ledger alone, together with a step.
    """

    entered_at: datetime
    waiting_on: WaitsOn = one_of(WaitsOn)
    due_on: date | None = None
    due_at: datetime | None = None
    provisional: bool = False
    rank: Rank | None = one_of(Rank, default=None, nullable=True)
    moved_seq: int = 1
    version: int = 1
    seq: int = 1
    head: str
