"""The configuration: what loads, what does not, and what is said of it."""

import re
import tomllib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mirror.config import Config, ExtractConfig, Secret, load
from mirror.config.s3 import S3Place
from mirror.config.sftp import SftpPlace
from mirror.config.values import check_base, check_origin, check_url, parse_duration, parse_size
from mirror.errors import ConfigError

ABSENT = {"rules", "support", "newsletter"}  # by default
SECTIONS = {
    field.alias or name: field for name, field in Config.model_fields.items() if name != "file"
}


def mistakes_in(file: Path, text: str) -> tuple[str, ...]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file)
    return caught.value.mistakes


def mistake_in(file: Path, addition: str) -> str:
    (mistake,) = mistakes_in(file, file.read_text(encoding="utf-8") + addition)
    return mistake


def model_of(field: FieldInfo) -> type[BaseModel]:
    kinds = (field.annotation, *get_args(field.annotation))
    return next(k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel))


def test_a_file_with_what_must_be_set_loads(small_config: Path) -> None:
    (config,) = load(small_config)

    assert config.site.title == "The News"
    assert config.store.data == small_config.parent / "data"
    assert config.trust.keys == small_config.parent / "data" / "secret"
    assert config.trust.origin_host == "news.example"
    assert config.refresh == timedelta(hours=6)
    assert config.site.own_hosts == ("news.example",)


def test_the_example_loads_without_a_change(project: Path) -> None:
    (config,) = load(project / "config.example.toml")

    assert config.mirrors[0].folder == Path("/srv/mirror/x7k2")


def test_every_default_in_the_example_is_the_default(project: Path) -> None:
    (config,) = load(project / "config.example.toml")

    for name, section in SECTIONS.items():
        model = model_of(section)
        if name in ABSENT:
            continue
        value = getattr(
            config,
            {"source": "sources", "mirror": "mirrors", "witness": "witnesses"}.get(name, name),
        )
        shown = value[0] if isinstance(value, tuple) else value
        for key, field in model.model_fields.items():
            if not field.is_required():
                default = field.default
                if isinstance(default, Path):
                    default = project / default
                assert getattr(shown, key) == default, f"[{name}] {key}"


def test_every_key_stands_in_the_example_with_what_an_attacker_gains(project: Path) -> None:
    text = (project / "config.example.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)

    for name, section in SECTIONS.items():
        if name in ABSENT:
            shown = text.partition(f"# [[{name}]]")[2]
            assert shown
            if name != "rules":  # its keys are those of [extract]
                assert all(f"\n# {key} = " in shown for key in model_of(section).model_fields)
            continue
        table = data[name][0] if isinstance(data[name], list) else data[name]
        for key in model_of(section).model_fields:
            assert key in table or f"\n# {key} = " in text, f"[{name}] {key}"
    assert set(data) == set(SECTIONS) - ABSENT
    for block in text.split("\n\n"):
        if re.search(r"^(# )?[a-z_]+ = ", block, re.MULTILINE):
            assert re.search(r"\ban attacker\b", block, re.IGNORECASE), block


def test_every_mistake_is_named_at_once_with_its_place(small_config: Path) -> None:
    found = mistakes_in(
        small_config,
        """
        [site]
        titel = "The News"
        url = "news.example"
        language = "English"
        timezone = "Moskow"
        [[source]]
        name = "news"
        kind = "list"
        url = "https://news.example/rss"
        [[source]]
        name = "news"
        url = "https://news.example/rss2"
        interval = 10
        [extract]
        drop = [".donate", "a["]
        [fetch]
        max_redirects = 99
        private_addresses = "no"
        [trust]
        origin = "https://news.example"
        tag_year = "2026"
        [[mirror]]
        name = "cloud-1"
        url = "https://bucket.example/x"
        push = "gopher://host/x"
        """,
    )

    starts = [mistake.partition(": ")[0] for mistake in found]
    assert starts == [
        "[site] title",
        "[site] url",
        "[site] language",
        "[site] timezone",
        "[site] titel",
        '[[source]] 1 "news" kind',
        '[[source]] 2 "news" interval',
        "[extract] drop item 2",
        "[fetch] private_addresses",
        "[fetch] max_redirects",
        "[trust] origin",
        "[trust] tag_year",
        '[[mirror]] 1 "cloud-1" url',
        '[[mirror]] 1 "cloud-1" push',
        "[[source]] 1 and 2 name",
    ]
    assert '[site] titel: no such key; did you mean "title"?' in found
    kinds = '"feed" or "sitemap" or "listing" or "wordpress"'
    assert f'[[source]] 1 "news" kind: "list" is no kind that exists; use {kinds}' in found


_SECOND = "[[source]]\nname = 'b'\nurl = 'https://news.example/b'\n"


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("[sotre]\n", '[sotre]: no such key; did you mean "store"?'),
        ("[store]\ndatabase = 'postgresql://h/x'\n", '"postgresql" is not built yet; use "sqlite"'),
        ('[web]\nlisten = "0.0.0.0:80"\n', "can be reached from other machines"),
        ('[web]\nlisten = "here"\n', "must be an address and a port"),
        ("[[rules]]\ndrop = []\n", "[[rules]] 1 host: is missing"),
        ('[[rules]]\nhost = "a.example"\n[[rules]]\nhost = "a.example"\n', "1 and 2 host"),
        ('[alerts]\nurls = ["mailto://u:hunter2@h"]\n', "[alerts] urls item 1: must not stand"),
        ("[fetch]\ntimeout = '0s'\n", '[fetch] timeout: "0s" must be at least 1s'),
        ("[fetch]\nproxy = {}\n", "must name one place"),
        ("[fetch]\nproxy = { env = 'A', file = 'b' }\n", "must name one place"),
        ("[fetch]\nproxy = { credential = '../b' }\n", "is a name, not a path"),
        (
            "[fetch]\nproxy = { evn = 'A', file = 'b' }\n",
            'proxy evn: no such key; did you mean "env"?',
        ),
        (_SECOND + "kind = 'listing'\n", '[[source]] 2 "b" selector: is missing; name the links'),
        (_SECOND + "kind = 'listing'\nselector = 'a['\n", '2 "b" selector: "a[" is no CSS'),
        (
            _SECOND + "kind = 'sitemap'\nnext = 'a'\n",
            '[[source]] 2 "b" next: is nothing that kind "sitemap" has, only "listing"; take it',
        ),
        (_SECOND + "pages = 3\n", '"feed" has, only "sitemap" or "listing" or "wordpress"'),
        (_SECOND + "kind = 'sitemap'\npages = 0\n", "pages: must be at least 1"),
        (_SECOND + "match = '('\n", 'match: "(" is no regular expression: missing )'),
        ("[feeds]\nentries = true\n", "must be a whole number"),
        ("[publish]\nsitemap = 1\n", "must be true or false"),
    ],
)
def test_a_mistake_is_said_in_words(small_config: Path, addition: str, said: str) -> None:
    found = mistake_in(small_config, addition)

    assert said in found
    assert "hunter2" not in found


MIRROR = '\n[[mirror]]\nname = "{}"\nurl = "{}"\npush = "{}"\n'


def test_a_mirror_has_no_address_on_which_a_lite_feed_would_be_too_large(
    small_config: Path,
) -> None:
    url = f"https://a.example/{'x' * 77}/"

    text = small_config.read_text(encoding="utf-8")
    small_config.write_text(text + MIRROR.format("a", url, "file:a"), encoding="utf-8")
    assert load(small_config)

    found = mistake_in(small_config, MIRROR.format("b", f"https://a{url[8:]}", "file:b"))

    assert "with over 96, lite feeds don't fit in their 12,000 bytes" in found


@pytest.mark.parametrize(
    ("push", "said"),
    [
        ("davs://user:hunter2@host/", "holds a password"),
        ("/srv/mirror", "is no address"),
        ("gopher://host/", "is no kind that exists"),
        ("dav:///path", "names no host"),
        ("file://host/path", "must be"),
        ("sftp://host/path?host-key=SHA256:x", "names no user"),
        ("sftp://user@host/path", "pins no host key"),
        ("sftp://user@host/path?host-key=SHA256:short", "pins no host key"),
        ("sftp://user@host/path?hostkey=x", 'knows no "hostkey"'),
        ("s3://bucket/x/?endpoint=https://s3.example", "names no key"),
        ("s3://key@bucket/x/", "names no endpoint"),
        ("s3://key@bucket/x/?endpoint=s3.example", "names no endpoint"),
        ("s3://key@bucket/x y/?endpoint=https://s3.example", "names no bucket, or a path"),
        ("s3://key@bucket/?endpoint=https://s3.example&acl=all", "acl must be public-read"),
        ("s3://key@bucket/?endpoint=https://s3.example&secret=hunter2", 'knows no "secret"'),
        ("file:data", "lie in each other"),
        ("file:data/site", "lie in each other"),
        ("file:.", "lie in each other"),
    ],
)
def test_a_place_to_push_to_is_checked(small_config: Path, push: str, said: str) -> None:
    found = mistake_in(small_config, MIRROR.format("a", "https://a.example/x/", push))

    assert '[[mirror]] 1 "a" push: ' in found
    assert said in found
    assert "hunter2" not in found


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("priority = 101", "priority: must be at most 100"),
        ('rate = "fast"', 'rate: "fast" is no size'),
        ("requests = 0", "requests: must be at least 1"),
        ("quota = 0", "quota: must be at least 1"),
        ('windows = "22:00-06:00"', "windows: must be a list"),
        ('windows = ["22-6"]', 'windows item 1: "22-6" is no span of a day; write it like'),
        ('windows = ["08:00-08:00"]', "windows item 1: "),
        ('proxy = "socks5://u:hunter2@h"', "proxy: must not stand here itself"),
        ('proxy = { env = "P" }', 'proxy: can\'t be used for "file", only for "dav"'),
        ("audit = -1", "audit: must be at least 0"),
        ("compresses = 1", "compresses: must be true or false"),
        ('closes = "yes"', "closes: must be true or false"),
    ],
)
def test_a_mistake_in_a_mirror_s_settings_has_place_and_remedy(
    small_config: Path, setting: str, said: str
) -> None:
    mirror = MIRROR.format("a", "https://a.example/x/", "file:///srv/x")

    found = mistake_in(small_config, f"{mirror}{setting}\n")

    assert f'[[mirror]] 1 "a" {said}' in found
    assert "hunter2" not in found


def test_a_mirror_that_readers_would_see_as_stale_between_its_windows_is_a_mistake(
    small_config: Path,
) -> None:
    mirror = MIRROR.format("a", "https://a.example/x/", "file:///srv/x")

    found = mistake_in(
        small_config,
        f'max_age = "12h"\n{mirror}windows = ["23:00-01:00", "08:30-09:00"]\n',
    )

    assert '[[mirror]] 1 "a" windows: closed for 14h on end' in found


def test_a_fingerprint_keeps_its_plus_signs(small_config: Path) -> None:
    pin = f"SHA256:{'+/aZ0' * 9}"[:50]
    push = f"sftp://user@host/path?host-key={pin}"
    text = small_config.read_text(encoding="utf-8")
    small_config.write_text(text + MIRROR.format("a", "https://a.example/x/", push))

    (config,) = load(small_config)

    assert SftpPlace.parse(config.mirrors[0].push).pins == {pin}


@pytest.mark.parametrize(
    ("push", "address"),
    [
        ("s3://k@b-1/x7k2/?endpoint=https://s3.example", "https://s3.example/b-1/x7k2/"),
        ("s3://k@b-1/x7k2?endpoint=https://s3.example/", "https://s3.example/b-1/x7k2/"),
        ("s3://k@b-1?endpoint=http://[::1]:8080/s3", "http://[::1]:8080/s3/b-1/"),
        ("s3://k@b-1/a/b/?endpoint=https://s3.example&style=host", "https://b-1.s3.example/a/b/"),
    ],
)
def test_a_bucket_s_address_follows_from_its_endpoint(push: str, address: str) -> None:
    assert S3Place.parse(push).address == address


def test_two_mirrors_share_neither_name_nor_address_nor_place(small_config: Path) -> None:
    twin = MIRROR.format("a", "https://a.example/x/", "file:///srv/x")
    text = small_config.read_text(encoding="utf-8") + twin + twin

    found = mistakes_in(small_config, text)

    assert [mistake.partition(": ")[0] for mistake in found] == [
        "[[mirror]] 1 and 2 name",
        "[[mirror]] 1 and 2 url",
        "[[mirror]] 1 and 2 push",
    ]


def test_a_folder_to_push_to_is_seen_from_the_file(small_config: Path) -> None:
    with small_config.open("a", encoding="utf-8") as file:
        file.write(MIRROR.format("a", "https://a.example/x/", "file:my%20mirror"))

    (config,) = load(small_config)

    assert config.mirrors[0].folder == small_config.parent / "my mirror"
    assert config.mirrors[0].push.startswith("file:///")


def test_what_is_no_file_and_no_toml_is_said(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    with pytest.raises(ConfigError, match="tamizdat init"):
        load(file)

    assert "is no TOML" in mistakes_in(file, "[site\n")[0]
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(file)


def test_rules_for_a_host_stand_over_the_general_ones(small_config: Path) -> None:
    with small_config.open("a", encoding="utf-8") as file:
        file.write('[extract]\ndrop = [".a"]\nbody = "main"\n')
        file.write('[[rules]]\nhost = "ru.news.example"\ndrop = [".b"]\n')

    (config,) = load(small_config)

    assert config.rules_for("RU.news.example").drop == (".b",)
    assert config.rules_for("ru.news.example").body == "main"
    assert config.rules_for("news.example") == ExtractConfig(drop=(".a",), body="main")


def test_a_folder_is_one_newsroom_a_file(tmp_path: Path, small_config: Path) -> None:
    text = small_config.read_text(encoding="utf-8")
    small_config.unlink()
    for name in ("b", "a"):
        other = text.replace("news.example/mirror", f"{name}.example/mirror")
        other += f'keys = "{name}/secret"\n[store]\ndata = "{name}"\n'
        (tmp_path / f"{name}.toml").write_text(other, encoding="utf-8")

    configs = load(tmp_path)

    assert [config.file.name for config in configs] == ["a.toml", "b.toml"]


def test_newsrooms_of_one_folder_share_nothing(tmp_path: Path, small_config: Path) -> None:
    (tmp_path / "more.toml").write_bytes(small_config.read_bytes())
    (tmp_path / "wrong.toml").write_text("[site]\n", encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load(tmp_path)

    text = str(caught.value)
    for key in ("[store] data", "[trust] origin", "[trust] keys"):
        assert f"config.toml and more.toml: {key} is" in text
    assert "wrong.toml: [site] title: is missing" in text


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no \*\.toml"):
        load(tmp_path)


def test_a_secret_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret(env="TAMIZDAT_TEST_SECRET")
    with pytest.raises(ConfigError, match="export TAMIZDAT_TEST_SECRET"):
        secret.read()

    monkeypatch.setenv("TAMIZDAT_TEST_SECRET", "hunter2")

    assert secret.read() == "hunter2"
    assert "hunter2" not in f"{secret} {secret!r}"


def test_a_secret_is_read_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    secret = Secret(file=file)
    with pytest.raises(ConfigError, match="No such file"):
        secret.read()

    file.write_text("  hunter2 \n", encoding="utf-8")
    assert secret.read() == "  hunter2 "

    for content, said in ((b"\n", "is empty"), (b"\xff", "is no text"), (b"x" * 70_000, "64 kB")):
        file.write_bytes(content)
        with pytest.raises(ConfigError, match=said):
            secret.read()


def test_a_secret_is_read_from_a_systemd_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    secret = Secret(credential="passphrase")
    with pytest.raises(ConfigError, match="LoadCredentialEncrypted=passphrase"):
        secret.read()

    (tmp_path / "passphrase").write_text("hunter2", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert secret.read() == "hunter2"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("48h", timedelta(hours=48)),
        ("2d", timedelta(days=2)),
    ],
)
def test_spans_of_time(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize(("text", "size"), [("500B", 500), ("2kB", 2_000), ("2MB", 2_000_000)])
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@given(st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.lists(st.text())))
def test_nothing_but_a_value_error_comes_of_any_value(value: object) -> None:
    for parse in (parse_duration, parse_size):
        with suppress(ValueError):
            assert isinstance(parse(value), (timedelta, int))


@given(st.text() | st.from_regex(r"https?://[^/]*/.*", fullmatch=True))
def test_a_checked_address_is_whole_and_clean(value: str) -> None:
    for check in (check_url, check_base, check_origin):
        try:
            checked = check(value)
        except ValueError:
            continue
        assert checked == value
        assert "@" not in value.partition("//")[2].partition("/")[0]
        assert not any(char.isspace() for char in value)


@pytest.mark.parametrize(
    ("base", "good"),
    [
        ("https://bucket.example/x7k2/", True),
        ("http://127.0.0.1:8080/", True),
        ("http://[::1]:8080/a~b/_.-/", True),
        ("https://bucket.example/x7k2", False),
        ("https://bucket.example//", False),
        ("https://bucket.example/a%20b/", False),
        ("ftp://bucket.example/", False),
        ("https:///", False),
    ],
)
def test_a_base_has_the_form_of_format_1_5(base: str, *, good: bool) -> None:
    if good:
        assert check_base(base) == base
    else:
        with pytest.raises(ValueError, match="must"):
            check_base(base)


def test_a_folder_of_templates_is_read_and_tried(small_config: Path) -> None:
    folder = small_config.parent / "templates"
    folder.mkdir()
    small_config.write_text(small_config.read_text() + '\n[pages]\ntemplates = "templates"\n')
    assert mistake_in(small_config, "") == (
        '[pages] templates: "templates" holds no file; put a template there, or write ""'
    )

    (folder / "extra.css").write_text("h1 { color: teal; }")
    (config,) = load(small_config)
    assert config.pages.templates.own == (("extra.css", "h1 { color: teal; }"),)

    (folder / "list.html").write_text("{{ title }}\n{{ titel }}")
    (folder / "article.htm").write_text("")
    said = mistake_in(small_config, "")
    assert said.startswith('[pages] templates: "templates" can\'t be used:\n')
    assert 'article.htm: no page is made with it; did you mean "article.html"?' in said
    (folder / "article.htm").unlink()
    assert "list.html, line 2: 'titel' is undefined" in mistake_in(small_config, "")


def test_a_folder_of_templates_that_is_not_there_is_said(small_config: Path) -> None:
    said = mistake_in(small_config, '\n[pages]\ntemplates = "templatse"\n')

    assert said.startswith('[pages] templates: "templatse" can\'t be read: No such file')


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ('[[support]]\ntext = "Help."', "[[support]] 1: leads nowhere; add an address"),
        (
            '[[support]]\ntext = "Help."\nonce = "pay.example"',
            '[[support]] 1 once: "pay.example" is',
        ),
        ('[[support]]\nonce = "https://pay.example/"', "[[support]] 1 text: is missing; add it"),
        (
            '[[support]]\ntext = "' + "x" * 401 + '"\nonce = "https://pay.example/"',
            "no longer than 400",
        ),
        (
            '[[newsletter]]\ntext = "Read."\nurl = "mailto:letters"',
            "is no mail address; write it like",
        ),
        ('[[newsletter]]\ntext = "Read."\nurl = "javascript:x()"', "[[newsletter]] 1 url:"),
        (
            '[[newsletter]]\ntext = "Read."\nurl = "https://a.example/"\n' * 2,
            "[[newsletter]] 1 and 2 language: have no language; a page shows one",
        ),
    ],
)
def test_a_mistake_in_an_appeal_has_place_and_remedy(
    small_config: Path, addition: str, said: str
) -> None:
    assert said in mistake_in(small_config, f"\n{addition}\n")
