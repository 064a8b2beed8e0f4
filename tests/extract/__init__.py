"""Tests of mirror/extract."""
