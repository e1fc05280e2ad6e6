"""Column types and naming that all tables share."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Enum, Index, MetaData, String, Text, Uuid, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from presstime.database import UtcDateTime
from presstime.ids import new_id

Json = dict[str, Any]
Name = Annotated[str, mapped_column(String(200))]
Sha256 = Annotated[str, mapped_column(String(64))]
Bytes = Annotated[int, mapped_column(BigInteger)]
Id = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=new_id)]

# Constraints need names, or a later migration cannot drop them.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index of the few rows that `where` is true of. A query uses it only if it says the same words."""
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        UUID: Uuid,
        str: Text,
        Json: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=20,
            values_callable=lambda words: [word.value for word in words],
        ),
    }
