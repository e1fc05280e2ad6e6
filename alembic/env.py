"""How migrations run: in one transaction, under time limits, never two at once."""

from alembic import context
from sqlalchemy import Connection, text

from presstime.database import UtcDateTime, create_engine
from presstime.models import Base
from presstime.settings import load_settings

LOCK_TIMEOUT = "5s"  # a migration that cannot get its lock must not queue everybody behind it
STATEMENT_TIMEOUT = "10min"
ADVISORY_LOCK = 7_261_501  # any number, as long as it stays the same


def render_item(kind: str, item: object, _context: object) -> str | bool:
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"  # a migration must not change when our class does
    return False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=True,
        transactional_ddl=True,
    )
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(load_settings().effective_database_url).begin() as own:
        migrate(own)
