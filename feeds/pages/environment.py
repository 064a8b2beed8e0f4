"""The one Jinja2 environment: templates, styles and scripts, read and compiled once."""

import base64
import json
import re
from functools import cache
from hashlib import sha256
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from feeds.ids import MAX_ADDRESS_CHARS, TRACKING_PARAMETERS, TRACKING_PREFIXES
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
def template(name: str, *styles: str, scripts: tuple[str, ...] = ()) -> Template:
    """The template ``name``, with ``styles`` and ``scripts`` inline and a policy for only them.

    A page with a script may ask its own mirror for more, and nobody else; without one, for
    nothing but its pictures.

    Raises:
        jinja2.TemplateError: The template is missing, or no template.
    """
    css = "".join(_small(_source(f"{style}.css")) for style in styles)
    code = "".join(script(part) for part in scripts)
    policy = (
        f"default-src 'none'; img-src 'self' data:; style-src {_digest(css)}; "
        + (f"script-src {_digest(code)}; connect-src 'self'; " if code else "")
        + "base-uri 'none'; form-action 'none'"
    )
    made = {
        key: Markup(text)  # noqa: S704  # ours; no quotes in a policy, no end tags in the others
        for key, text in (("css", css), ("script", code), ("policy", policy))
    }
    return _environment.get_template(f"{name}.html", globals=made)


@cache
def script(name: str) -> str:
    """The script ``name`` as pages carry it: filled in, without comments and indents."""
    tracking = {"names": sorted(TRACKING_PARAMETERS), "prefixes": TRACKING_PREFIXES}
    values = {
        "tracking": json.dumps(tracking, separators=(",", ":")),
        "max_chars": str(MAX_ADDRESS_CHARS),
    }
    code = re.sub(r"\{\{ (\w+) \}\}", lambda match: values[match[1]], _source(f"{name}.js"))
    return re.sub(r"^(?:\s*//.*|\s*)\n|^[ ]+", "", code, flags=re.MULTILINE)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _source(name: str) -> str:
    loader = _environment.loader
    assert loader is not None  # noqa: S101  # set above
    return loader.get_source(_environment, name)[0]


def _small(css: str) -> str:
    """``css`` without comments and without the spaces that only people need."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,>])\s*", r"\1", css).replace(": ", ":").replace(";}", "}").strip()
