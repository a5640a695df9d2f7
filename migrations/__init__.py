"""The history of the schema: expand, backfill, contract."""
