"""Tests of mirror/source."""
