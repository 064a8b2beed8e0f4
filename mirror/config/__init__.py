"""The configuration: ``load`` a file or a folder; the models say what is in it."""

from mirror.config.load import load, load_file, load_text, with_rules
from mirror.config.models import (
    AlertsConfig,
    Config,
    ExtractConfig,
    FeedsConfig,
    FetchConfig,
    MirrorConfig,
    PublishConfig,
    RuleConfig,
    SiteConfig,
    SourceConfig,
    StoreConfig,
    TrustConfig,
    WebConfig,
    WebsubConfig,
    WitnessConfig,
)
from mirror.config.pages import NewsletterConfig, PagesConfig, SupportConfig
from mirror.config.secret import Passphrase, Secret

__all__ = [
    "AlertsConfig",
    "Config",
    "ExtractConfig",
    "FeedsConfig",
    "FetchConfig",
    "MirrorConfig",
    "NewsletterConfig",
    "PagesConfig",
    "Passphrase",
    "PublishConfig",
    "RuleConfig",
    "Secret",
    "SiteConfig",
    "SourceConfig",
    "StoreConfig",
    "SupportConfig",
    "TrustConfig",
    "WebConfig",
    "WebsubConfig",
    "WitnessConfig",
    "load",
    "load_file",
    "load_text",
    "with_rules",
]
