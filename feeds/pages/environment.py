"""The one Jinja2 environment: templates and styles, read and compiled once."""

import base64
import re
from functools import cache
from hashlib import sha256
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from feeds.pages.body import REL

_environment: Final = Environment(
    loader=PackageLoader("feeds"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    auto_reload=False,
)
_environment.globals["REL"] = REL


@cache
def template(name: str, *styles: str) -> Template:
    """The template ``name``, with ``styles`` inline and the policy that allows only them.

    Raises:
        jinja2.TemplateError: The template is missing, or no template.
    """
    css = "".join(_small(_source(f"{style}.css")) for style in styles)
    digest = base64.b64encode(sha256(css.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src 'self' data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    made = {"css": Markup(css), "policy": Markup(policy)}  # noqa: S704  # ours, no quotes or tags
    return _environment.get_template(f"{name}.html", globals=made)


def _source(name: str) -> str:
    loader = _environment.loader
    assert loader is not None  # noqa: S101  # set above
    return loader.get_source(_environment, name)[0]


def _small(css: str) -> str:
    """``css`` without comments and without the spaces that only people need."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,>])\s*", r"\1", css).replace(": ", ":").replace(";}", "}").strip()
