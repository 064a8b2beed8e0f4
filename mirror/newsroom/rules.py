"""What an operator who mirrors the sample newsroom writes under [extract]."""

from typing import Final

DROP: Final = (
    ".support-appeal",
    ".contribute-banner",
    ".cookie-banner",
    "aside.article__related-article",
    ".donate-text",
    ".newsletter-box",
    ".social",
    ".read-more",
    ".article__tags",
)
EXTRACT: Final = "\n".join(
    (
        "[extract]",
        "drop = [",
        *(f'  "{selector}",' for selector in DROP),
        "]",
        'title = ".article__header h1"',
        'author = ".byline__author__name"',
        'date = "time.byline__datetime"',
        'body = ".article__content"',
        "",
    )
)
