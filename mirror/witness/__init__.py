"""A witness: remembers the largest tree of each log it follows, and cosigns what extends it."""

from typing import Final

CONFIG: Final = "witness.toml"  # its settings, unless another file is named
