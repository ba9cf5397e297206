import json

from pydantic import ValidationError
from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.strict import Page
from contracts.values import BasicCode, Id, PartyId
from services.catalogue.domain.differences import differences
from services.catalogue.domain.drafts import Draft, NoSuchDraft, broken_model, on_top
from services.catalogue.domain.form_rules import issued_in, uploaded_in
from services.catalogue.domain.matters import errors_in_matter
from services.catalogue.repository.drafts import draft_in
from services.catalogue.repository.issued import issued
from services.catalogue.repository.versions import dictionary
from services.catalogue.tables import agencies, drafts, matters, versions

_PAGE = 50


def summary(draft: Draft) -> api.DraftSummary:
    return api.DraftSummary.model_validate({name: getattr(draft, name) for name in api.DraftSummary.model_fields})


async def drafts_of(
    session: ReadSession, party: PartyId, *, state: api.DraftState | None, basic_code: BasicCode | None, offset: int
) -> Page[api.DraftSummary]:
    """Those of one party, the last changed first."""
    query = select(drafts).where(drafts.c.party == party).order_by(drafts.c.changed_at.desc(), drafts.c.id)
    if state:
        query = query.where(drafts.c.state == state)
    if basic_code:
        query = query.where(drafts.c.basic_code == basic_code)
    rows = (await session.execute(query.limit(_PAGE + 1).offset(offset))).all()
    found = [summary(draft_in(row)) for row in rows[:_PAGE]]
    return Page(items=found, next=str(offset + _PAGE) if len(rows) > _PAGE else None)


async def draft(session: ReadSession, party: PartyId, draft_id: Id) -> api.Draft:
    """Raises NoSuchDraft."""
    found = await _draft(session, party, draft_id)
    return api.Draft.model_validate_json(json.dumps(summary(found).model_dump(mode="json") | {found.kind: found.content}))


async def preview(session: ReadSession, party: PartyId, draft_id: Id) -> api.DraftPreview:
    """What publishing the draft now would change, and what keeps it from that. Raises NoSuchDraft."""
    found = await _draft(session, party, draft_id)
    number = (await session.execute(select(matters.c.newest).where(matters.c.basic_code == found.basic_code))).scalar_one_or_none() or 0
    newest = await _content(session, found.basic_code, number)
    said, clashes = on_top(found, await _content(session, found.basic_code, found.base_version), newest)
    changes = differences(newest.model_dump(mode="json") if newest else {}, said)
    try:
        matter = api.Matter.model_validate_json(json.dumps(said))
    except ValidationError as error:
        broken = [api.BrokenRule.model_validate(broken_model(each)) for each in error.errors(include_url=False, include_input=False)]
    else:
        broken = [api.BrokenRule.model_validate(each) for each in await _broken(session, matter)]
    return api.DraftPreview(newest_version=number, changes=changes, clashes=clashes, broken=broken)


async def _broken(session: ReadSession, matter: api.Matter) -> list[dict[str, str]]:
    known = (await session.execute(select(agencies.c.code, agencies.c.area))).all()
    areas = {row.code: row.area for row in known if row.area}
    others = await issued(session, uploaded_in(matter), but=[matter.basic_code])
    return errors_in_matter(
        matter,
        agencies={row.code for row in known},
        fields=await dictionary(session),
        areas=areas,
        issued={**others, **issued_in([matter])},
    )


async def _draft(session: ReadSession, party: PartyId, draft_id: Id) -> Draft:
    row = (await session.execute(select(drafts).where(drafts.c.id == draft_id, drafts.c.party == party))).one_or_none()
    if row is None:
        raise NoSuchDraft
    return draft_in(row)


async def _content(session: ReadSession, basic_code: BasicCode, version: int) -> api.Matter | None:
    query = select(versions.c.content).where(versions.c.basic_code == basic_code, versions.c.version == version)
    content = (await session.execute(query)).scalar_one_or_none()
    return None if content is None else api.Matter.model_validate_json(json.dumps(content))
