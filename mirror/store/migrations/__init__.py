"""Migrations: one file for each change of the tables, the newest named in ``database.HEAD``."""
