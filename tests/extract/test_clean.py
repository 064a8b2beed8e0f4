import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.extract.clean import TAGS, clean
from mirror.extract.extract import extract
from mirror.extract.links import Links
from mirror.extract.narrow import page_for
from mirror.extract.placing import finished
from mirror.extract.rules import NoRules

URL = "https://news.example/2020/01/02/a-story-here"
ATTACKS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://x.example/a.png' onload=alert(1) style=display:none>",
    '<img src="javascript:alert(1)">',
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    '<img src="https://tracker.example/pixel.gif" width=1 height=1>',
    '<img srcset="https://x.example/a.png 2x" src="../../m/../../../etc/passwd">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" &#14; java\tscript:alert(1)">x</a>',
    '<a href="jAvAsCrIpT&colon;alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="//x.example/" target=_blank onclick=alert(1) ping="https://x.example/">x</a>',
    '<a href="https://user:word@x.example/">x</a>',
    '<a href="https:\\\\x.example">x</a>',
    '<a href="../../../../etc/passwd">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href='javascript:alert(1)'>x</math>",
    "<iframe src='https://x.example/'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x.swf></object><embed src=x.swf><applet code=x></applet>",
    "<form action=https://x.example/><input name=password><button>go</button></form>",
    "<meta http-equiv=refresh content='0;url=https://x.example/'>",
    "<base href=https://x.example/>",
    "<link rel=stylesheet href=https://x.example/x.css>",
    "<style>@import 'https://x.example/x.css'; p { background: url(https://x.example/) }</style>",
    "<p style='background:url(https://x.example/)' id=x class=y data-x=z>x</p>",
    "<table background=https://x.example/x.png><tr><td>x</table>",
    "<body onload=alert(1)>",
    "<video src=x onerror=alert(1)></video><audio src=x></audio>",
    "<details open ontoggle=alert(1)>x</details>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><script>alert(1)</script></textarea>",
    "<title><script>alert(1)</script></title>",
    "<xmp><script>alert(1)</script></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!--><script>alert(1)</script>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<p>\x00<\x00script>alert(1)</script>",
    "<p lang='\"><script>alert(1)</script>'>x</p>",
    "<time datetime='\"onclick=alert(1)'>x</time>",
    "<portal src=https://x.example/></portal>",
    "<frameset><frame src=https://x.example/></frameset>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<bgsound src=x><basefont><keygen>",
    "<picture><source srcset='javascript:alert(1)'><img src=x></picture>",
    "<map><area href='javascript:alert(1)'></map>",
    "<blockquote cite='javascript:alert(1)'>x</blockquote>",
    "<a href='https://x.example/' rel='opener' download>x</a>",
    '<img src="data:image/png;base64,iVBORw0KGgo=" alt=x>',
    '<img src=" &#1;javascript:alert(1)" alt="&quot;><script>alert(1)</script>">',
    "<a href='https://x.example/?utm_source=a&fbclid=b&gclid=c'>x</a>",
    "<a href='https://x.example/#:~:text=x' referrerpolicy=unsafe-url>x</a>",
    "<p style='width: expression(alert(1))'>x</p>",
    "<div style=\"background-image: url('https://x.example/p.gif')\">x</div>",
    "<input type=image src=https://x.example/p.gif>",
    "<dialog open><form method=dialog><p>x</p></form></dialog>",
    "<slot name=x></slot><x-element onclick=alert(1)>x</x-element>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></iframe></foreignObject></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<noscript><img src='https://tracker.example/p.gif'></noscript>",
    "<a href='https://x.example/' style='position:fixed;inset:0'>x</a>",
    "<meta http-equiv='set-cookie' content='a=b'><meta name=referrer content=unsafe-url>",
    "<body background=https://x.example/p.gif><p>x</p>",
    "<p><a href='\u2028javascript:alert(1)'>x</a></p>",
    "<a href='https://x.example/\" onmouseover=\"alert(1)'>x</a>",
    "<ol type='1\" onclick=\"x' start=99999999999 reversed=x><li value=-1e9>x</ol>",
)
TRACKING: re.Pattern[str] = re.compile(r"utm_|fbclid|gclid")
_START: re.Pattern[str] = re.compile(r"<([a-zA-Z][^\s>/]*)((?:\s[^>]*)?)>")
_VALUE: re.Pattern[str] = re.compile(r'\s([a-z-]+)="([^"]*)"')
_FINE = {
    "href": re.compile(r"https?://[^\s@\\]+|\.\./\.\./(?:a|m)/[0-9a-f]{2}/[0-9a-f]+\.[a-z0-9]+"),
    "src": re.compile(r"\.\./\.\./m/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]+"),
    "lang": re.compile(r"[A-Za-z0-9-]+"),
    "datetime": re.compile(r"[0-9A-Za-z:+. -]+"),
}


def assert_harmless(html: str) -> None:
    """Only allowed elements, each attribute one of a few, each address of a few forms."""
    assert "<!" not in html
    assert "<?" not in html
    for name, rest in _START.findall(html):
        assert name in TAGS
        attributes = _VALUE.findall(rest)
        assert _VALUE.sub("", rest).strip() == ""
        for attribute, value in attributes:
            assert not attribute.startswith("on")
            assert attribute not in {"style", "class", "id", "target", "srcset"}
            if attribute in _FINE:
                assert _FINE[attribute].fullmatch(value.partition("?")[0])


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_survives_cleaning(attack: str) -> None:
    cleaned = clean(f"<p>before</p>{attack}<p>after</p>")

    assert_harmless(cleaned)
    assert "<p>before</p>" in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("body", ["", "article"], ids=["without rules", "with rules"])
def test_no_attack_survives_the_whole_way(attack: str, body: str) -> None:
    filler = "".join(f"<p>Paragraph {at} has enough words to be an article.</p>" for at in range(9))
    html = f"<html><body><article><h1>T</h1>{filler}<div>{attack} x</div>{filler}</article></body>"

    rules = NoRules(body=body)
    found = extract(page_for(html * 3, URL, rules), Links.of(URL, ()), rules=rules)
    cleaned, media = finished(found.body, found.pictures, {})

    assert_harmless(cleaned)
    assert not TRACKING.search(cleaned)
    assert "Paragraph 1 has" in cleaned
    assert media == ()


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "<p>",
                    "</p>",
                    "<a href='",
                    "'>",
                    '">',
                    "</a>",
                    "<img src=",
                    "<div",
                    " onclick=",
                    ">",
                ),
                *(
                    "<!--",
                    "-->",
                    "<svg>",
                    "</svg>",
                    "<table>",
                    "<td>",
                    "<style>",
                    "</style>",
                    "&lt;",
                ),
                *(
                    "<math>",
                    "<script",
                    "</script>",
                    "javascript:",
                    "https://x.example/",
                    "&#0;",
                    "x",
                ),
                *(
                    "<![CDATA[",
                    "]]>",
                    "<noscript>",
                    "<p lang='",
                    "<ol start=",
                    "<li>",
                    "\u202e",
                    "\x85",
                ),
                *ATTACKS,
            ]
        )
        | st.text(max_size=10),
        max_size=12,
    )
)
def test_whatever_comes_is_harmless_and_cleaning_twice_is_once(pieces: list[str]) -> None:
    once = clean("".join(pieces))

    assert_harmless(once)
    assert clean(once) == once


def test_what_readers_need_stays() -> None:
    whole = (
        '<h2>A</h2><p dir="rtl" lang="ar">b <em>c</em> <strong>d</strong><br>e<sup>2</sup></p>'
        '<ul><li>f</li></ul><ol start="3"><li>g</li></ol>'
        "<blockquote><p>h</p></blockquote><pre>i</pre>"
        "<table><caption>j</caption><thead><tr><th>k</th></tr></thead>"
        '<tbody><tr><td colspan="2">l</td></tr></tbody></table><hr>'
        f'<figure><a href="../../m/ab/{"ab" * 32}.webp"><img src="../../m/cd/{"cd" * 32}.webp"'
        ' width="320" height="200" alt="n"></a><figcaption>o</figcaption></figure>'
        '<p><a href="https://x.example/?q=1">p</a>'
        ' <a href="../../a/0d/0d31c5e2a90f77b1.html">q</a></p>'
    )

    assert clean(whole) == whole
