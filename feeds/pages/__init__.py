"""The pages that readers open (format 1): values in, bytes by path out."""

from feeds.pages.archive import ARCHIVE_PATH, ListLink, MonthLink, archive_page
from feeds.pages.article import alias_page, article_files
from feeds.pages.fixed import find_page, mirrors_page, not_found_page
from feeds.pages.lists import (
    FRONT_ARTICLES,
    LIST_ARTICLES,
    front_page,
    list_page,
    list_path,
    section_page,
)
from feeds.pages.names import (
    AUTHORS,
    SHELF_NAMES,
    TOPICS,
    Shelf,
    names_path,
    shelf_of,
    shelf_page,
    shelves_link,
    shelves_page,
)
from feeds.pages.reading import reading_path, reading_scripts
from feeds.pages.site import FeedLink, Listed, Rendered, Section, Site
from feeds.pages.verify import VERIFY_PATH, verify_page, verify_version
from feeds.slugs import section_slug

__all__ = [
    "ARCHIVE_PATH",
    "AUTHORS",
    "FRONT_ARTICLES",
    "LIST_ARTICLES",
    "SHELF_NAMES",
    "TOPICS",
    "VERIFY_PATH",
    "FeedLink",
    "ListLink",
    "Listed",
    "MonthLink",
    "Rendered",
    "Section",
    "Shelf",
    "Site",
    "alias_page",
    "archive_page",
    "article_files",
    "find_page",
    "front_page",
    "list_page",
    "list_path",
    "mirrors_page",
    "names_path",
    "not_found_page",
    "reading_path",
    "reading_scripts",
    "section_page",
    "section_slug",
    "shelf_of",
    "shelf_page",
    "shelves_link",
    "shelves_page",
    "verify_page",
    "verify_version",
]
