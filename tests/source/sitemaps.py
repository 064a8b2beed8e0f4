"""Sitemaps, written."""

from collections.abc import Iterable


def urlset(*entries: tuple[str, str] | str) -> str:
    """A file of pages: addresses, or addresses with their ``lastmod``."""
    return _xml("urlset", "url", entries)


def index(*entries: tuple[str, str] | str) -> str:
    """An index of files: the same."""
    return _xml("sitemapindex", "sitemap", entries)


def news(*entries: tuple[str, str, str], language: str = "en") -> str:
    """A news sitemap: address, publication date, title."""
    urls = "".join(
        f"<url><loc>{url}</loc><news:news><news:publication><news:name>N</news:name>"
        f"<news:language>{language}</news:language></news:publication>"
        f"<news:publication_date>{date}</news:publication_date><news:title>{title}</news:title>"
        "</news:news><image:image><image:loc>https://img.example/1.jpg</image:loc></image:image>"
        "</url>"
        for url, date, title in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
        f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def _xml(root: str, name: str, entries: Iterable[tuple[str, str] | str]) -> str:
    parts = []
    for entry in entries:
        url, lastmod = (entry, "") if isinstance(entry, str) else entry
        dated = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
        parts.append(f"<{name}><loc>{url}</loc>{dated}</{name}>")
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?><{root} xmlns="{space}">{"".join(parts)}</{root}>'
