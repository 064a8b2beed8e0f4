"""A line whose censor freezes connections, as in Russia since 2025 (net4people/bbs#490)."""
