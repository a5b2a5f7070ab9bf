"""Column kinds that the tables share: closed word lists, instants and texts, the same on both stores."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Enum, MetaData
from sqlmodel import Field, SQLModel

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


def no_longer_than(column: str, length: int) -> CheckConstraint:
    """Return a check on a text's length: SQLite ignores VARCHAR's."""
    return CheckConstraint(f"length({column}) <= {length}", name=f"{column}_length")


def not_blank(columns: Iterable[str]) -> list[CheckConstraint]:
    """Return checks that refuse empty texts."""
    return [CheckConstraint(f"length({column}) > 0", name=f"{column}_not_blank") for column in columns]
