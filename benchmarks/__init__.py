"""Measurements: ours and its peers in turn, on one machine, in one run."""
