"""What was granted once is granted again only while the rooms would say the same: every input of theirs ends it."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway import granted
from gateway.decision import Deny
from gateway.fields import Fields
from gateway.granted import Granted
from gateway.snapshot import Credential, Hours, Party, RouteTable, Snapshot
from gateway.unified import access, authorization, portal, resources, users
from gateway.walk import Incoming, Walk
from tests.unit.gateway.city import APP, PERSON, City, party, policies, resource, snapshot

PATH = "/wallet"
FRESH_S = 300
ROOMS = {"protection": "granted", "access": "granted"}


def known(**app: object) -> Snapshot:
    """A city with something to read for whoever has signed on lately."""
    routes = RouteTable([resource("GET", PATH, "case:read", "person", assurance=2, max_age_s=FRESH_S)])
    return replace(snapshot(parties=(party(APP, "app", **app),)), routes=routes)


def incoming(
    city: City, client: str = "192.0.2.1", method: str = "GET", *, is_known: bool = True, expires: int = 900, **more: object
) -> Incoming:
    fields = Fields([("host", "city.example"), *city.bearer(APP, PERSON, exp=int(city.now) + expires, **more).items()])
    fields.is_known = is_known
    return Incoming(method, PATH, "", fields, client=client)


def walked(city: City, asked: Incoming, now: float | None = None) -> Walk | None:
    """Through all rooms, None where one refuses."""
    walk = Walk(asked, city.known, city.known.routes.find("GET", asked.path), now or city.now)
    rules: tuple[Callable[[Walk], Deny | str | None], ...] = (
        lambda walk: access.check(walk, city.tokens),
        city.limits.draw,
        users.check,
        resources.check,
        authorization.check,
        portal.check,
    )
    return None if any(isinstance(rule(walk), Deny) for rule in rules) else walk


def remembered(city: City, asked: Incoming, until: float = math.inf) -> None:
    walk = walked(city, asked)
    assert walk is not None
    granted.remember(walk, ROOMS, [(b"tongban-token", b"t")], None, until)


def recalled(city: City, asked: Incoming, now: float | None = None) -> Granted | None:
    return granted.recall(city.known, asked, city.known.routes.find("GET", asked.path), city.tokens, now or city.now)


def test_the_same_request_finds_what_the_rooms_said_of_the_one_before() -> None:
    city = City(known())
    asked = incoming(city)
    assert recalled(city, asked) is None

    remembered(city, asked)

    found = recalled(city, asked)
    assert found is not None
    assert (found.rooms, found.lines, found.walk.person, found.walk.channel) == (ROOMS, b"tongban-token: t", PERSON, "app")
    assert found.walk.permissions == {"case:read"}
    follower = Walk(asked, city.known, found.walk.found, city.now)
    follower.follow(found.walk)
    assert follower == replace(found.walk, incoming=asked)


def test_another_token_address_or_snapshot_is_judged_anew() -> None:
    city = City(known())
    asked = incoming(city)
    remembered(city, asked)

    assert recalled(city, incoming(city)) is None
    assert recalled(city, Incoming("GET", PATH, "", asked.fields, client="192.0.2.2")) is None
    city.known = known()
    assert recalled(city, asked) is None


@pytest.mark.parametrize("claim", ["sid", "grant", "sub"])
def test_whatever_a_token_stands_on_may_be_revoked_at_any_time(claim: str) -> None:
    city = City(known())
    asked = incoming(city, grant="0193e1c2-0000-7000-8000-000000000001")
    remembered(city, asked)
    token = recalled(city, asked)
    assert token is not None

    city.tokens.revoke({"sid": token.token.session, "grant": token.token.grant, "sub": token.token.subject}[claim], city.now)

    assert recalled(city, asked) is None
    assert walked(city, asked) is None


def test_without_identitys_keys_nothing_is_granted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    city = City(known())
    asked = incoming(city)
    remembered(city, asked)
    monkeypatch.setattr(city.tokens, "_keys_good_until", 0.0)

    assert recalled(city, asked) is None


@pytest.mark.parametrize(
    ("app", "claims", "until", "after_s"),
    [
        ({}, {}, math.inf, FRESH_S),
        ({"expires_at": "soon"}, {}, math.inf, 60),
        ({}, {"expires": 30}, math.inf, 30),
        ({}, {}, "soon", 60),
    ],
    ids=["age of the sign-on", "party", "token", "mesh token"],
)
def test_time_ends_it_where_it_would_change_what_a_room_says(
    app: dict[str, object], claims: dict[str, int], until: float | str, after_s: int
) -> None:
    city = City()
    city.known = known(**{**app, **({"expires_at": city.now + 60} if app else {})})
    asked = incoming(city, expires=claims.get("expires", 900))
    remembered(city, asked, city.now + 60 if until == "soon" else math.inf)

    assert recalled(city, asked, city.now + after_s - 0.001) is not None
    assert recalled(city, asked, city.now + after_s) is None


def _hours(city: City) -> Snapshot:
    always = Hours(frozenset(range(1, 8)), 0, 86_400)
    return replace(city.known, channels={code: replace(each, hours=always) for code, each in city.known.channels.items()})


def _certificates(city: City) -> Snapshot:
    [app] = city.known.parties.values()
    certified: Party = replace(app, certificates={"x": Credential(environment="sandbox")})
    return replace(city.known, parties={APP: certified})


def _matters(city: City) -> Snapshot:
    reading = '@id("m") @zh("事") @en("M.") @refuses("permission-not-granted") forbid (principal, action, resource) when { context has matter && context.matter == "9" };'
    return replace(city.known, policies=policies(more=reading))


@pytest.mark.parametrize("depends", [_hours, _certificates, _matters])
def test_what_follows_from_more_than_is_looked_at_again_is_not_kept(depends: Callable[[City], Snapshot]) -> None:
    city = City(known())
    city.known = depends(city)
    asked = incoming(city)

    remembered(city, asked)

    assert recalled(city, asked) is None
    assert not city.known.granted


def test_neither_a_block_of_fields_that_came_once_nor_another_method_is_kept() -> None:
    city = City(known())

    remembered(city, incoming(city, is_known=False))
    remembered(city, incoming(city, method="HEAD"))

    assert not city.known.granted
