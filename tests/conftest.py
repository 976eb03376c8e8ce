"""Fixtures for every test: a PostgreSQL server that starts when a test first asks for it."""

from tests.services.postgres import database, postgres

__all__ = ["database", "postgres"]
