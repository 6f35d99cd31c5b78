"""Alembic's environment. The connection comes from ``solmu.store.migrate``; there is no alembic.ini."""

from alembic import context

from solmu.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
