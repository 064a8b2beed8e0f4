"""The shape of the configuration. ``config.example.toml`` documents every key where it stands."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, Strict, model_validator

from feeds.slugs import section_slug
from mirror.config import kinds, values
from mirror.config.pages import NewsletterConfig, PagesConfig, SupportConfig
from mirror.config.secret import Passphrase, Secret
from mirror.config.section import Section
from mirror.config.values import Duration, MaybeSelector, Selector, Size, Text, Url, at_least
from mirror.config.windows import WindowValue

Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict(), Field(ge=1)]
Span = Annotated[Duration, AfterValidator(at_least(timedelta(seconds=1)))]

MAX_CHOSEN: Final = 20  # feeds by author or tag; with 40 sections SHA256SUMS stays within 64 kB

_MINUTE = timedelta(minutes=1)


class SiteConfig(Section):
    """[site]: the newsroom whose articles are mirrored."""

    title: Text
    url: Url
    hosts: tuple[values.Host, ...] = ()
    description: Annotated[str, Field(max_length=1_000)] = ""
    language: values.Language = "en"
    timezone: values.Timezone = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def own_hosts(self) -> tuple[str, ...]:
        """The host of ``url``, then ``hosts``; lower case, each once."""
        first = values.check_host(urlsplit(self.url).hostname or "")
        return tuple(dict.fromkeys((first, *self.hosts)))


class SourceConfig(Section):
    """[[source]]: one place that tells of new articles."""

    name: values.Name
    kind: Annotated[str, AfterValidator(kinds.check_source_kind)] = "feed"
    url: Url
    section: Annotated[str, Field(max_length=200)] = ""
    language: values.MaybeLanguage = ""
    interval: Span = 10 * _MINUTE
    min_interval: Span = 2 * _MINUTE
    proxy: Secret | None = None
    second_proxy: Secret | None = None
    match: values.Pattern = ""
    pages: Annotated[Count, Field(le=100)] = 5
    selector: MaybeSelector = ""
    next: MaybeSelector = ""


class ExtractConfig(Section):
    """[extract]: what is the article on a page, and what is not."""

    keep: tuple[Selector, ...] = ()
    drop: tuple[Selector, ...] = ()
    title: MaybeSelector = ""
    author: MaybeSelector = ""
    date: MaybeSelector = ""
    body: MaybeSelector = ""


class RuleConfig(ExtractConfig):
    """[[rules]]: [extract] for one host of several; what it leaves out is as in [extract]."""

    host: values.Host


class TriedRules(Section):
    """[extract] and [[rules]] alone, in a file of their own, before they go live."""

    extract: ExtractConfig = ExtractConfig()
    rules: tuple[RuleConfig, ...] = ()


class FetchConfig(Section):
    """[fetch]: how the newsroom's site is read."""

    private_addresses: Flag = False
    timeout: Span = timedelta(seconds=30)
    max_bytes: Size = 10_000_000
    max_picture_bytes: Size = 20_000_000
    max_article_media: Size = 6_000_000
    max_day_media: Size = 1_000_000_000
    max_redirects: Annotated[int, Strict(), Field(ge=0, le=20)] = 5
    concurrency: Annotated[Count, Field(le=64)] = 1
    user_agent: Text = "tamizdat"
    robots: Flag = True
    proxy: Secret | None = None


class TrustConfig(Section):
    """[trust]: the names and keys by which readers know the mirror, for ever."""

    origin: values.Origin
    tag_year: Annotated[int, Strict(), Field(ge=1990, le=2200)]
    keys: values.AbsolutePath = Path("data/secret")
    passphrase: Passphrase = Passphrase(env="TAMIZDAT_PASSPHRASE")
    max_age: Annotated[Duration, AfterValidator(at_least(10 * _MINUTE))] = timedelta(hours=48)

    @property
    def origin_host(self) -> str:
        """The domain in ``origin``: what every entry's id starts with (format 1.4)."""
        return self.origin.partition("/")[0]


class StoreConfig(Section):
    """[store]: where everything is kept."""

    data: values.AbsolutePath = Path("data")
    database: Annotated[str, AfterValidator(kinds.check_database)] = "sqlite"


class MirrorConfig(Section):
    """[[mirror]]: one place that readers fetch the tree from."""

    name: values.Name
    url: values.Base
    push: Annotated[str, AfterValidator(kinds.check_push), AfterValidator(values.absolute_push)]
    password: Secret | None = None
    listed: Flag = True
    kind: Literal["web", "onion"] = "web"
    timeout: Span = timedelta(seconds=30)
    concurrency: Annotated[Count, Field(le=256)] = 16
    priority: Annotated[int, Strict(), Field(ge=0, le=100)] = 0
    rate: Size | None = None
    requests: Annotated[Count, Field(le=10_000)] | None = None
    quota: Size | None = None
    windows: tuple[WindowValue, ...] = ()
    proxy: Annotated[Secret | None, AfterValidator(kinds.check_proxied)] = None
    audit: Annotated[int, Strict(), Field(ge=0, le=100_000)] = 24
    compresses: Flag | None = None
    closes: Flag | None = None

    @property
    def scheme(self) -> str:
        """What ``push`` starts with: ``file``, ``dav``, ``davs``, and so on."""
        return self.push.partition(":")[0]

    @property
    def folder(self) -> Path | None:
        """Where a ``file:`` mirror lies; None for the other kinds."""
        return Path(unquote(urlsplit(self.push).path)) if self.scheme == "file" else None


class WitnessConfig(Section):
    """[[witness]]: a partner's witness that is asked to cosign every head."""

    name: values.Name
    url: Url
    timeout: Span = timedelta(seconds=10)


class FeedsConfig(Section):
    """[feeds]: what readers subscribe to."""

    entries: Annotated[Count, Field(le=1_000)] = 50
    max_bytes: Annotated[Size, Field(ge=20_000, le=100_000_000)] = 1_000_000
    sections: Flag = True
    authors: tuple[Text, ...] = ()
    tags: tuple[Text, ...] = ()
    archives: Literal["all", "every", "none"] = "all"
    hub: values.MaybeUrl = ""

    @model_validator(mode="after")
    def _no_more_than_fit(self) -> Self:
        """``SHA256SUMS`` has room for so many, and each needs a name of its own."""
        if len(self.authors) + len(self.tags) > MAX_CHOSEN:
            raise ValueError(f"authors and tags name over {MAX_CHOSEN} feeds; take some out")
        for names in (self.authors, self.tags):
            slugs = [section_slug(name) for name in names]
            if len(set(slugs)) < len(slugs):
                raise ValueError("two authors or two tags would have feeds of the same name")
        return self


class PublishConfig(Section):
    """[publish]: what is held back for a person, and what is published beside the articles."""

    hold_shorter: Annotated[int, Strict(), Field(ge=0)] = 200
    hold_shrunk: Annotated[float, Field(ge=0, le=1)] = 0.5
    hold_ahead: Duration = timedelta(days=1)
    sitemap: Flag = False
    verify_page: Flag = True
    refresh: Annotated[Duration, AfterValidator(at_least(1 * _MINUTE))] | None = None


class WebConfig(Section):
    """[web]: the operator's status page and metrics."""

    listen: values.Listen = "127.0.0.1:8470"
    token: Secret | None = None


class WebsubConfig(Section):
    """[websub]: where the hubs of sources reach us."""

    callback: Annotated[str, AfterValidator(values.or_empty(values.check_base))] = ""
    listen: values.Listen = "127.0.0.1:8471"


class AlertsConfig(Section):
    """[alerts]: who is told when something needs a person."""

    urls: tuple[Secret, ...] = ()


class Config(Section):
    """One newsroom: one file."""

    file: Path
    site: SiteConfig
    sources: tuple[SourceConfig, ...] = Field(default=(), alias="source")
    extract: ExtractConfig = ExtractConfig()
    rules: tuple[RuleConfig, ...] = ()
    fetch: FetchConfig = FetchConfig()
    trust: TrustConfig
    store: StoreConfig = StoreConfig()
    mirrors: tuple[MirrorConfig, ...] = Field(default=(), alias="mirror")
    witnesses: tuple[WitnessConfig, ...] = Field(default=(), alias="witness")
    feeds: FeedsConfig = FeedsConfig()
    publish: PublishConfig = PublishConfig()
    pages: PagesConfig = PagesConfig()
    support: tuple[SupportConfig, ...] = ()
    newsletter: tuple[NewsletterConfig, ...] = ()
    web: WebConfig = WebConfig()
    websub: WebsubConfig = WebsubConfig()
    alerts: AlertsConfig = AlertsConfig()

    @property
    def refresh(self) -> timedelta:
        """How old a mirror's head may get when nothing is new (format 7)."""
        return self.publish.refresh or self.trust.max_age / 8

    def refresh_of(self, mirror: MirrorConfig) -> timedelta:
        """The same for one mirror; of a git branch each is a commit, so a day unless set."""
        if mirror.scheme != "git" or self.publish.refresh:
            return self.refresh
        return max(self.refresh, min(timedelta(days=1), self.trust.max_age / 2))

    def rules_for(self, host: str) -> ExtractConfig:
        """What to keep and drop on ``host``: its [[rules]] over [extract]."""
        for rule in self.rules:
            if rule.host == host.lower():
                own = {name: getattr(rule, name) for name in rule.model_fields_set - {"host"}}
                return self.extract.model_copy(update=own)
        return self.extract
