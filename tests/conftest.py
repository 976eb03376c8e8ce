"""Fixtures for every test: a PostgreSQL server that starts when a test first asks for it."""

from tests.services.postgres import postgres, postgres_place

__all__ = ["postgres", "postgres_place"]
