import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from mirror.source.hub import Offer, offered
from mirror.source.response import Response
from mirror.source.websub import DEFAULT_LEASE, LEASE, MAX_LEASE, RETRY, Subscription, lease

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DAY = timedelta(days=1)
OFFER = Offer(hub="https://hub.example/", topic="https://news.example/rss")
ATOM = 'xmlns:a="http://www.w3.org/2005/Atom"'


def response(body: str, *links: str) -> Response:
    return Response(
        status=200,
        url="https://news.example/rss",
        hops=(),
        headers=CIMultiDict([("Link", link) for link in links]),
        body=body.encode(),
        date=None,
        fetched_at=NOW,
    )


IN_RSS = f"""<rss {ATOM}><channel><a:link rel="self" href="/self"/>
<a:link rel="hub" href="https://hub.example/"/><item><a:link rel="hub" href="/no"/></item>
</channel></rss>"""
IN_ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="//hub.example/"/>
<link rel="self" href="https://news.example/self"/></feed>"""
IN_JSON = '{"hubs": [{"type": "WebSub", "url": "https://hub.example/"}], "feed_url": "/self"}'


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("", ('<https://hub.example/>; rel="hub", <https://news.example/self>; rel="self"',)),
        ("", ("<https://hub.example/>; rel=hub", "</self>; title=x; REL=self")),
        (IN_RSS, ()),
        (IN_ATOM, ()),
        (IN_JSON, ()),
    ],
)
def test_a_hub_is_found_where_sources_name_it(body: str, links: tuple[str, ...]) -> None:
    found = Offer(hub="https://hub.example/", topic="https://news.example/self")

    assert offered(response(body, *links)) == found


def test_without_an_own_link_the_topic_is_where_the_source_answered() -> None:
    assert offered(response("", "<https://hub.example/>; rel=hub")) == OFFER


@pytest.mark.parametrize(
    ("body", "link"),
    [
        ("", "<ftp://hub.example/>; rel=hub"),
        ("", "<https://user:word@hub.example/>; rel=hub"),
        ("", "<http://[hub/>; rel=hub"),
        ("", f"<https://hub.example/{'x' * 3_000}>; rel=hub"),
        ("", "<https://hub.example/>; rel=next"),
        ('<rss><channel><item><link rel="hub" href="https://x.example"/></item></channel>', ""),
        ("<rss><channel><title>the hub of it</title></channel></rss>", ""),
        ('{"hubs": 7, "x": "hub"}', ""),
        ('{"hubs": [{"type": "rssCloud", "url": "https://x.example"}]}', ""),
    ],
)
def test_what_is_no_hub_is_none(body: str, link: str) -> None:
    assert offered(response(body, link)) is None


@given(st.binary(), st.text())
def test_no_answer_makes_it_fail(body: bytes, link: str) -> None:
    offered(response("hub" + body.decode("latin-1"), link.replace("\n", "")))
    offered(response('{"hubs":' + body.decode("latin-1")))


def subscribed(lease_s: str = "864000") -> Subscription:
    """One that the hub confirmed at ``NOW``."""
    asked = Subscription.new("news", OFFER).was_asked(NOW)
    query = asked_for(asked)
    confirmed = asked.confirmed({**query, "hub.lease_seconds": lease_s}, NOW)
    assert confirmed is not None
    return confirmed


def asked_for(subscription: Subscription) -> dict[str, str]:
    topic = subscription.offer.topic
    return {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": "x"}


def test_each_has_an_address_and_a_secret_that_nobody_can_guess() -> None:
    one, two = (Subscription.new("news", OFFER) for _ in range(2))

    assert len({one.path, one.secret, two.path, two.secret}) == 4
    assert (len(one.path), len(one.secret)) == (32, 64)
    assert one.request("https://us.example/x/") == {
        "hub.mode": "subscribe",
        "hub.topic": OFFER.topic,
        "hub.callback": f"https://us.example/x/{one.path}",
        "hub.secret": one.secret,
        "hub.lease_seconds": str(round(LEASE.total_seconds())),
    }


def test_it_is_asked_for_anew_before_it_ends_and_not_all_the_time() -> None:
    confirmed = subscribed()

    assert confirmed.is_active(NOW + 9 * DAY)
    assert not confirmed.is_due(NOW + 6 * DAY)
    assert confirmed.is_due(NOW + 7 * DAY)
    asked = confirmed.was_asked(NOW + 7 * DAY)
    assert asked.is_active(NOW + 7 * DAY)
    assert not asked.is_due(NOW + 8 * DAY)
    assert asked.is_due(NOW + 9.5 * DAY)
    assert not confirmed.is_active(NOW + 10 * DAY)


def test_a_hub_that_does_not_confirm_is_asked_again_after_an_hour() -> None:
    asked = Subscription.new("news", OFFER).was_asked(NOW)

    assert not asked.is_due(NOW + RETRY / 2)
    assert asked.is_due(NOW + RETRY)


@pytest.mark.parametrize(
    "other",
    [
        {"hub.topic": "https://news.example/other"},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 2_000},
    ],
)
def test_what_we_did_not_ask_for_is_not_confirmed(other: dict[str, str]) -> None:
    asked = Subscription.new("news", OFFER).was_asked(NOW)

    assert asked.confirmed(asked_for(asked) | other, NOW) is None
    assert Subscription.new("news", OFFER).confirmed(asked_for(asked), NOW) is None


def test_a_refusal_is_known_with_its_reason() -> None:
    query = {"hub.mode": "denied", "hub.topic": OFFER.topic, "hub.reason": "no\n more"}
    refused = subscribed().denied(query)

    assert refused is not None
    assert (refused.expires, refused.problem) == (None, "the hub refused: no more")
    assert subscribed().denied({**query, "hub.topic": "x"}) is None


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512", "SHA256"])
def test_what_the_hub_signed_is_known(method: str) -> None:
    one = Subscription.new("news", OFFER)
    right = hmac.new(one.secret.encode(), b"news", method.lower()).hexdigest()

    assert one.is_signed(f"{method}={right}", b"news")
    assert not one.is_signed(f"{method}={right}", b"other news")
    assert not subscribed().is_signed(f"{method}={right}", b"news")


@pytest.mark.parametrize("signature", ["", "sha256=", "md5={}", "new={}", "{}", "sha256=я"])
def test_what_it_did_not_sign_is_not(signature: str) -> None:
    one = Subscription.new("news", OFFER)
    right = hashlib.md5(one.secret.encode()).hexdigest()  # noqa: S324 - it must be refused

    assert not one.is_signed(signature.format(right), b"")


@pytest.mark.parametrize(
    ("seconds", "span"),
    [
        ("3600", timedelta(hours=1)),
        ("99999999999999999999", MAX_LEASE),
        ("0", DEFAULT_LEASE),
        ("", DEFAULT_LEASE),
        ("-1", DEFAULT_LEASE),
        ("soon", DEFAULT_LEASE),
    ],
)
def test_a_lease_has_bounds(seconds: str, span: timedelta) -> None:
    assert lease(seconds) == span
