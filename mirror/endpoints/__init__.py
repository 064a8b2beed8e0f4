"""Part of tamizdat."""
