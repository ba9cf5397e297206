"""A person's own token becomes one that acts for another, and never says more than both may (F104)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from contracts.events.identity import MandateRevoked
from contracts.values import MandateId, OrganisationId, PartyId
from deploy.local.sandbox import population
from services.identity.commands import mandates as commands
from services.identity.commands.exchange import ACCESS_TOKEN, GRANT_TYPE, MANDATE, ORGANISATION
from tests.component.identity.mandates import CHILD, MATTER, PHONES, ask, exchange, given, known_at, organisation, signed_on_as, two, wanted
from tests.component.identity.office import ASSERTION, FORM, Office, claims_of
from tests.support.dpop import key_of, proof
from tests.support.service import EVERYTHING, published


async def test_the_token_says_who_acts_for_whom_under_which_mandate(office: Office) -> None:
    grantor, agent = await two(office)
    mandate = await given(office, grantor, agent, matters=[MATTER])
    own = await signed_on_as(office, 1)
    answer = await exchange(office, mandate, own)
    assert answer.status_code == 200, answer.text
    said, mine = answer.json(), claims_of(own)
    claims = claims_of(said["access_token"])
    assert (claims["sub"], claims["subject_type"], claims["act"]) == (grantor, "person", {"sub": agent})
    until = int((office.clock.now() + timedelta(days=30)).timestamp())
    assert claims["mandate"] == {"id": mandate, "until": until, "matters": [MATTER]}
    for name in ("sid", "grant", "assurance", "auth_time", "acr", "amr", "client_id", "iss", "aud"):
        assert claims[name] == mine[name], name
    assert claims["jti"] != mine["jti"]
    assert (said["token_type"], said["issued_token_type"], said["expires_in"]) == ("Bearer", ACCESS_TOKEN, 900)
    assert "refresh_token" not in said
    assert answer.headers["cache-control"] == "no-store"


async def test_a_token_ends_with_its_mandate(office: Office) -> None:
    grantor, agent = await two(office)
    ends_at = (office.clock.now() + timedelta(minutes=5)).isoformat()
    mandate = await given(office, grantor, agent, ends_at=ends_at)
    own = await signed_on_as(office, 1)
    said = (await exchange(office, mandate, own)).json()
    claims = claims_of(said["access_token"])
    assert (said["expires_in"], claims["exp"]) == (300, claims["mandate"]["until"])
    office.clock.advance(timedelta(minutes=5))
    refused = await exchange(office, mandate, own)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def test_scope_only_narrows_and_the_actor_s_sign_on_stays_their_own(office: Office) -> None:
    mandate = await given(office, *await two(office))
    own = await signed_on_as(office, 1)
    assert claims_of(own)["scope"] == "openid profile phone"
    assert (await exchange(office, mandate, own)).json()["scope"] == "profile phone"
    assert (await exchange(office, mandate, own, scope="profile")).json()["scope"] == "profile"
    for scope in ("profile address", "openid", "offline_access", "profile openid"):
        refused = await exchange(office, mandate, own, scope=scope)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope"), scope
    acting = (await exchange(office, mandate, own)).json()["access_token"]
    refused = await office.browse("GET", "/userinfo", authorization=f"Bearer {acting}")
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"audience": "https://elsewhere.example"}, "invalid_target"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"subject_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "nonsense"}, "invalid_request"),
        ({"subject_token": "\0"}, "invalid_request"),
        ({"subject_token_type": ORGANISATION}, "invalid_request"),
        ({"actor_token": None}, "invalid_request"),
        ({"actor_token": "nonsense"}, "invalid_request"),
        ({"actor_token_type": None}, "invalid_request"),
        ({"actor_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
    ],
)
async def test_what_no_exchange_can_be(office: Office, changes: dict[str, str | None], error: str) -> None:
    mandate = await given(office, *await two(office))
    own = await signed_on_as(office, 1)
    refused = await exchange(office, mandate, own, **changes)
    assert (refused.status_code, refused.json()["error"]) == (400, error), refused.text
    assert (await exchange(office, mandate, own, audience=office.issuer, resource=office.issuer)).status_code == 200


async def test_two_audiences_are_one_too_many(office: Office) -> None:
    """A field given twice is no field of the form: an audience must not pass because it came beside another."""
    mandate = await given(office, *await two(office))
    own = await signed_on_as(office, 1)
    said = {
        "client_assertion_type": ASSERTION,
        "client_assertion": office.assertion(),
        "grant_type": GRANT_TYPE,
        "subject_token": mandate,
        "subject_token_type": MANDATE,
        "actor_token": own,
        "actor_token_type": ACCESS_TOKEN,
        "audience": [office.issuer, "https://elsewhere.example"],
    }
    facts = CallerFacts("gateway", party_kind="portal", permissions=EVERYTHING)
    refused = await office.door.call("POST", "/token", facts=facts, content=urlencode(said, doseq=True).encode(), media_type=FORM)
    assert refused.json()["error"] == "invalid_request"


async def test_no_chains_and_no_foreign_tokens_for_an_actor(office: Office) -> None:
    grantor, agent = await two(office)
    mandate = await given(office, grantor, agent)
    own, grantors = await signed_on_as(office, 1), await signed_on_as(office, 0)
    acting = (await exchange(office, mandate, own)).json()["access_token"]
    clients = (await office.ask("/token", grant_type="client_credentials")).json()["access_token"]
    for actor in (acting, grantors, clients):
        refused = await exchange(office, mandate, actor)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    company = await organisation(office, grantor)
    chained = await exchange(office, company, acting, subject_token_type=ORGANISATION)
    assert (chained.status_code, chained.json()["error"]) == (400, "invalid_request"), "an agent of a person is none of their company"
    assert (await exchange(office, company, grantors, subject_token_type=ORGANISATION)).status_code == 200
    other = PartyId.new()
    await office.know(other)
    refused = await exchange(office, mandate, own, client_assertion=office.assertion(iss=other, sub=other))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def waiting(office: Office) -> MandateId:
    grantor, _ = await two(office)
    return MandateId((await ask(office, grantor, "POST", "/mandates", wanted(office))).json()["mandate_id"])


async def coming(office: Office) -> MandateId:
    begins_at = (office.clock.now() + timedelta(days=1)).isoformat()
    return await given(office, *await two(office), begins_at=begins_at)


async def revoked(office: Office) -> MandateId:
    grantor, agent = await two(office)
    mandate = await given(office, grantor, agent)
    assert (await ask(office, grantor, "DELETE", f"/mandates/{mandate}")).status_code == 204
    return mandate


async def of_nobody(office: Office) -> MandateId:
    await two(office)
    return MandateId.new()


async def of_somebody_else(office: Office) -> MandateId:
    grantor, agent = await two(office)
    return await given(office, agent, grantor, agent={"name": "示例·甲一", "phone": PHONES[0]})


@pytest.mark.parametrize("mandate", [waiting, coming, revoked, of_nobody, of_somebody_else])
async def test_mandates_without_force_look_alike(office: Office, mandate: Callable[[Office], Awaitable[MandateId]]) -> None:
    subject = await mandate(office)
    refused = await exchange(office, subject, await signed_on_as(office, 1))
    assert (refused.status_code, refused.json()) == (
        400,
        {"error": "invalid_request", "error_description": "the subject token is no mandate that this actor can use now"},
    )


async def test_an_ended_sign_on_exchanges_nothing(office: Office) -> None:
    mandate = await given(office, *await two(office))
    own = await signed_on_as(office, 1)
    await office.ask("/revoke", token=own)
    refused = await exchange(office, mandate, own)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_a_session_that_ended_exchanges_nothing(office: Office) -> None:
    mandate = await given(office, *await two(office))
    own = await signed_on_as(office, 1)
    async with office.database.transaction() as session:
        await session.execute(sa.text("UPDATE sessions SET revoked_at = now()"))
    assert (await exchange(office, mandate, own)).json()["error"] == "invalid_grant"


async def test_both_levels_are_looked_at_at_every_use(office: Office) -> None:
    grantor, agent = await two(office)
    mandate = await given(office, grantor, agent)
    own = await signed_on_as(office, 1)
    async with office.database.transaction() as session:
        await session.execute(sa.text("UPDATE sessions SET fresh_until = signed_on_at"))
    refused = await exchange(office, mandate, own)
    assert refused.json()["error_description"].startswith("this mandate takes urn:tongban:assurance:3")
    async with office.database.transaction() as session:
        await session.execute(sa.text("UPDATE sessions SET fresh_until = expires_at"))
        await session.execute(sa.text("UPDATE persons SET assurance = 2 WHERE id = :id"), {"id": grantor})
    assert (await exchange(office, mandate, own)).status_code == 400
    await known_at(office, grantor, 3)
    assert (await exchange(office, mandate, own)).status_code == 200


async def test_introspection_knows_of_the_mandate(office: Office) -> None:
    grantor, agent = await two(office)
    mandate = await given(office, grantor, agent)
    acting = (await exchange(office, mandate, await signed_on_as(office, 1))).json()["access_token"]
    said = (await office.ask("/introspect", token=acting)).json()
    assert (said["active"], said["act"], said["mandate"]["id"]) == (True, {"sub": agent}, mandate)
    await ask(office, grantor, "DELETE", f"/mandates/{mandate}")
    assert (await office.ask("/introspect", token=acting)).json() == {"active": False}


async def test_a_token_stays_bound_to_its_key(office: Office) -> None:
    mandate = await given(office, *await two(office))
    own = claims_of(await signed_on_as(office, 1))
    signer: Any = office.door.app.state.signer
    names = ("sid", "grant", "assurance", "acr", "amr", "auth_time")
    jkt = key_of("holder").thumbprint()
    bound = signer.access_token(
        subject=own["sub"], subject_type="person", client_id=own["client_id"], scope="profile", at=office.clock.now(),
        cnf={"jkt": jkt}, **{name: own[name] for name in names},
    )  # fmt: skip
    now, url = office.clock.now().timestamp(), f"{office.issuer}/token"
    said = (await exchange(office, mandate, bound, dpop=proof("POST", url, now=now))).json()
    assert (said["token_type"], claims_of(said["access_token"])["cnf"]) == ("DPoP", {"jkt": jkt})
    for other in (None, proof("POST", url, now=now, key=key_of("thief"))):
        refused = await exchange(office, mandate, bound, dpop=other)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")


# Organisations


async def test_a_representative_switches_to_the_company_and_back(office: Office) -> None:
    representative, _ = await two(office)
    company = await organisation(office, representative)
    own = await signed_on_as(office, 0)
    first, second = [(await exchange(office, company, own, subject_token_type=ORGANISATION)).json() for _ in range(2)]
    claims = claims_of(first["access_token"])
    assert (claims["sub"], claims["subject_type"], claims["act"]) == (company, "organisation", {"sub": representative})
    assert claims["mandate"] == {"id": claims_of(second["access_token"])["mandate"]["id"], "until": claims["exp"], "matters": []}
    foreign = await exchange(office, company, await signed_on_as(office, 1), subject_token_type=ORGANISATION)
    unknown = await exchange(office, OrganisationId.new(), own, subject_token_type=ORGANISATION)
    assert (
        foreign.json()
        == unknown.json()
        == {
            "error": "invalid_request",
            "error_description": "the subject token is no mandate that this actor can use now",
        }
    )


async def test_an_agent_acts_for_the_company_while_it_is_in_use(office: Office) -> None:
    representative, agent = await two(office)
    company = await organisation(office, representative)
    mandate = await given(office, representative, agent, kind="agent", organisation_id=company, matters=[MATTER])
    own = await signed_on_as(office, 1)
    claims = claims_of((await exchange(office, mandate, own)).json()["access_token"])
    assert (claims["sub"], claims["act"]["sub"], claims["mandate"]["matters"]) == (company, agent, [MATTER])
    async with office.database.transaction() as session:
        await session.execute(sa.text("UPDATE organisations SET status = 'closed'"))
    assert (await exchange(office, mandate, own)).status_code == 400
    assert (await exchange(office, company, await signed_on_as(office, 0), subject_token_type=ORGANISATION)).status_code == 400


@pytest.mark.parametrize("is_told", [True, False])
async def test_who_represents_a_company_no_longer_acts_for_it_no_longer(office: Office, *, is_told: bool) -> None:
    old, new = await two(office)
    company = await organisation(office, old)
    acting = (await exchange(office, company, await signed_on_as(office, 0), subject_token_type=ORGANISATION)).json()["access_token"]
    async with office.database.transaction() as session:
        await session.execute(sa.text("UPDATE organisations SET representative = :new"), {"new": new})
        if is_told:
            await commands.end_representation(session, company, office.door.app.state.sealer, at=office.clock.now())
    fresh = await exchange(office, company, await signed_on_as(office, 1), subject_token_type=ORGANISATION)
    assert fresh.status_code == 200
    [event] = await published(office.database, MandateRevoked)
    assert event.mandate_id == claims_of(acting)["mandate"]["id"] != claims_of(fresh.json()["access_token"])["mandate"]["id"]
    assert (await exchange(office, company, await signed_on_as(office, 0), subject_token_type=ORGANISATION)).status_code == 400


# Guardians


async def guardianship(office: Office) -> tuple[MandateId, str]:
    guardian, _ = await two(office)
    said = {"name": CHILD["name"], "resident_id": CHILD["resident_id"]}
    answer = await ask(office, guardian, "POST", "/guardianships", said)
    return MandateId(answer.json()["mandate_id"]), await signed_on_as(office, 0)


async def test_a_guardian_acts_for_the_child_while_the_city_says_so(office: Office) -> None:
    mandate, own = await guardianship(office)
    assert claims_of((await exchange(office, mandate, own)).json()["access_token"])["mandate"]["id"] == mandate
    office.manners("population", is_down=True)
    refused = await exchange(office, mandate, own)
    assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
    office.manners("population")
    population.app.state.taken.add(CHILD["resident_id"])
    try:
        refused = await exchange(office, mandate, own)
    finally:
        population.app.state.taken.clear()
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    [event] = await published(office.database, MandateRevoked)
    assert event.mandate_id == mandate
    assert (await exchange(office, mandate, own)).status_code == 400


async def test_guardianship_ends_on_the_eighteenth_birthday(office: Office) -> None:
    mandate, _ = await guardianship(office)
    async with office.database.transaction() as session:
        ends_at = office.clock.now() + timedelta(seconds=1)
        await session.execute(sa.text("UPDATE mandates SET ends_at = :ends_at"), {"ends_at": ends_at})
    office.clock.advance(timedelta(seconds=1))
    assert (await exchange(office, mandate, await signed_on_as(office, 0))).status_code == 400
