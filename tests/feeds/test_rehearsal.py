"""What an operator may change of the pages, and what he is told where it can't be."""

import re
from pathlib import Path

import pytest
from jinja2 import meta

from feeds.design import OURS, Design
from feeds.pages import article_files, front_page
from feeds.pages.environment import environment, replaceable
from feeds.pages.rehearsal import problems
from feeds.pages.rehearsal_examples import NOW, articles, site

EXTENDED = '{% extends "ours/article.html" %}{% block above %}'
REBASED = "<html>{% block title %}{% endblock %}{% block links %}{% endblock %}"


def design(**own: str) -> Design:
    files = {name.replace("_", "."): text for name, text in own.items()}
    return Design(tuple(sorted(files.items())), "/etc/templates")


def test_our_own_pages_hold_what_they_must() -> None:
    assert problems(OURS) == ()


def test_a_block_and_a_style_of_the_operator_s_stand_on_every_page() -> None:
    mine = design(
        base_html='{% extends "ours/base.html" %}{% block top %}<p>Ours: {{ site.title }}</p>'
        "{{ super() }}{% endblock %}",
        extra_css="h1 {\n  color: teal; /* ours */\n}",
    )

    assert problems(mine) == ()
    page = article_files(articles()[0], site(mine)).page.decode()
    assert "<p>Ours: Sample</p>" in page
    assert "h1{color:teal}</style>" in page
    assert "<p>Ours: Sample</p>" in front_page(site(mine), articles(), NOW).decode()
    assert "Ours" not in article_files(articles()[0], site(OURS)).page.decode()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("articel.html", "", 'articel.html: no page is made with it; did you mean "article.html"?'),
        ("alias.html", "", "alias.html: no page is made with it"),
        ("list.html", "{{ title }}\n{% if %}", "list.html, line 2: Expected an expression"),
        ("extra.css", "a{}</style><b>", 'extra.css: holds "</"'),
        ("article.html", EXTENDED + "\n{{ titel }}{% endblock %}", "line 2: 'titel' is undefined"),
        ("list.html", '{% include "my.html" %}', "list.html, line 1: there is no template my.html"),
        ("find.html", "{{ w('no such text') }}", "find.html, line 1: 'no such text'"),
        ("list.html", "{{ ''.__class__ }}", "list.html, line 1: access to attribute '__class__'"),
        ("article.html", EXTENDED + "{% endblock %}", "read back: article page: has no p-name"),
        (
            "article.html",
            '{% extends "ours/article.html" %}{% block text %}{{ body|striptags }}{% endblock %}',
            "article.html: drops body_html of an article (e-content)",
        ),
        ("base.html", REBASED + "{% block main %}{% endblock %}", "article.html: has no policy"),
        (
            "subscribe.html",
            '<img src="https://counter.example/1.gif">',
            "subscribe.html, in list.html: loads https://counter.example/1.gif",
        ),
        ("extra.css", "p { background: url(//x.example/1.gif) }", "has a style that loads"),
        (
            "base.html",
            """{% set policy = "default-src 'none'; img-src *" %}{% extends "ours/base.html" %}""",
            "has a policy that lets a page ask other sites",
        ),
        ("subscribe.html", "<script>alert(1)</script>", "has its own <script>"),
        ("subscribe.html", '<p style="color: red">', 'has an attribute style="color: red"'),
        ("list.html", '{% extends "ours/list.html" %}{% block articles %}{% endblock %}', "leaves"),
        ("mirrors.html", '{% extends "base.html" %}', "mirrors.html: leaves out addresses"),
    ],
)
def test_what_the_format_needs_and_a_template_drops_is_said(
    name: str, text: str, said: str
) -> None:
    found = problems(Design(((name, text),), "/etc/templates"))

    assert any(said in line for line in found), found


def test_styles_that_leave_no_room_for_text_are_said() -> None:
    heavy = "".join(
        f".c{number * number * 7919 % 99991}{{margin:{number}px}}" for number in range(3_000)
    )

    assert any("make it smaller by" in line for line in problems(design(extra_css=heavy)))


def test_the_documentation_says_what_each_template_gets(project: Path) -> None:
    text = (project / "docs" / "templates.md").read_text("utf-8")
    ours = environment(OURS)
    assert ours.loader is not None
    for name in replaceable():
        assert f"`{name}`" in text, name
        if name.endswith(".html"):
            source = ours.loader.get_source(ours, name)[0]
            for variable in meta.find_undeclared_variables(ours.parse(source)):
                assert f"`{variable}`" in text, f"{name}: {variable}"
            for block in re.findall(r"{% block (\w+)", source):
                assert f"`{block}`" in text, f"{name}: block {block}"
