"""What Alembic runs: the migrations, on the connection that cases/setup.py holds in a transaction of its own."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
