"""Drafts of matters and of local terms, from the first word to publication. Source: ADR-0038."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from chassis.database import WriteSession
from contracts.api import catalogue as api
from contracts.values import BasicCode, Id
from services.catalogue.commands import publishing
from services.catalogue.domain.drafts import Draft, DraftOutdated, DraftRefused, Writer, broken_model, nothing_new, of_another_kind, on_top
from services.catalogue.domain.form_rules import issued_in, uploaded_in
from services.catalogue.domain.lifecycle import from_moment
from services.catalogue.domain.matters import NoSuchMatter, errors_in_matter
from services.catalogue.repository.drafts import Drafts
from services.catalogue.repository.issued import issued
from services.catalogue.repository.matters import Catalogue


async def start(session: WriteSession, asked: api.StartDraft, writer: Writer, *, at: datetime) -> Draft:
    """A draft of a new matter, of a revision of a published one, or of an implementation's own terms.

    Raises NoSuchMatter, DraftOutOfReach.
    """
    if asked.matter is not None:
        writer.check_matter()
        newest, _ = await _newest(session, asked.matter.basic_code)
        draft = Draft.started(asked.matter, newest, writer, at)
    elif asked.revise is not None:
        writer.check_matter()
        newest, matter = await _newest(session, asked.revise)
        if matter is None:
            raise NoSuchMatter
        draft = Draft.started(matter, newest, writer, at)
    else:
        assert asked.local is not None
        writer.check_local(asked.local)
        newest, matter = await _newest(session, asked.local.basic)
        said = next((each for each in matter.implementations if each.task_code == asked.local), None) if matter else None
        if said is None:
            raise NoSuchMatter
        draft = Draft.started(said, newest, writer, at)
    await Drafts(session, writer.party).add(draft)
    return draft


async def edit(session: WriteSession, draft_id: Id, revision: int, asked: api.EditDraft, writer: Writer, *, at: datetime) -> Draft:
    """Raises DraftChanged, DraftNotInThisState, DraftRefused, DraftOutdated when `base_version` is not the newest one."""
    draft = await _read(session, draft_id, revision, writer)
    content = asked.matter or asked.local
    if content is None or (asked.local is None) == (draft.kind == "local"):
        raise of_another_kind(draft.kind)
    if asked.base_version is not None:
        newest, _ = await _newest(session, draft.basic_code)
        if asked.base_version != newest:
            raise DraftOutdated(newest_version=newest)
    return await _save(session, draft.edited(content, asked.base_version, writer.officer, at), writer)


async def submit(session: WriteSession, draft_id: Id, revision: int, writer: Writer, *, at: datetime) -> Draft:
    """Hand a draft to a second officer. Raises DraftRefused with every broken rule, DraftOutdated."""
    draft = (await _read(session, draft_id, revision, writer)).submitted(at)
    await _checked(session, draft)
    return await _save(session, draft, writer)


async def review(session: WriteSession, draft_id: Id, revision: int, asked: api.ReviewDraft, writer: Writer, *, at: datetime) -> Draft:
    """Raises DraftReviewedByItsAuthor; an approval also DraftRefused and DraftOutdated."""
    draft = await _read(session, draft_id, revision, writer)
    reviewed = draft.reviewed(writer.officer, at, approve=asked.approve, reason=asked.reason)
    if asked.approve:
        await _checked(session, reviewed)
    return await _save(session, reviewed, writer)


async def withdraw(session: WriteSession, draft_id: Id, revision: int, writer: Writer, *, at: datetime) -> Draft:
    return await _save(session, (await _read(session, draft_id, revision, writer)).withdrawn(at), writer)


async def publish(session: WriteSession, draft_id: Id, revision: int, asked: api.PublishDraft, writer: Writer, *, at: datetime) -> Draft:
    """The draft as the next version, on top of whatever is newest by now.

    Raises DraftReviewedByItsAuthor, DraftOutdated when the newest version says something else where the draft does,
    DraftRefused when together they break a rule or say nothing new, VersionScheduled, MatterRetired.
    """
    draft = await _read(session, draft_id, revision, writer)
    draft.check_publishable(writer.officer)
    effective_at = from_moment(asked.effective_at, at) if asked.effective_at else None
    # Before the lock: others wait for it, and none of this is about the matter.
    around = await _around(session)
    await Catalogue(session).lock_matter(draft.basic_code)
    matter = await _checked(session, draft, around)
    planned = await publishing.plan(session, [matter], around.fields)
    if not planned:
        raise nothing_new(draft.kind)
    await publishing.publish(session, planned, at=at, effective_at=effective_at)
    return await _save(session, draft.published(planned[0].version, at), writer)


async def _read(session: WriteSession, draft_id: Id, revision: int, writer: Writer) -> Draft:
    draft = await Drafts(session, writer.party).locked(draft_id)
    draft.check_revision(revision)
    if draft.task_code:
        writer.check_local(draft.task_code)
    else:
        writer.check_matter()
    return draft


async def _save(session: WriteSession, draft: Draft, writer: Writer) -> Draft:
    await Drafts(session, writer.party).save(draft)
    return draft


async def _newest(session: WriteSession, basic_code: BasicCode) -> tuple[int, api.Matter | None]:
    heads = await Catalogue(session).heads([basic_code])
    if basic_code not in heads:
        return 0, None
    version = heads[basic_code].version
    return version, await Catalogue(session).version(basic_code, version)


@dataclass(frozen=True, slots=True)
class _Around:
    """What a matter's rules ask of everything else."""

    agencies: Collection[str]
    areas: Mapping[str, str]
    fields: Mapping[str, api.FormField]


async def _around(session: WriteSession) -> _Around:
    catalogue = Catalogue(session)
    agencies, _ = await catalogue.known()
    return _Around(agencies, await catalogue.areas(), await catalogue.dictionary())


async def _checked(session: WriteSession, draft: Draft, around: _Around | None = None) -> api.Matter:
    """The matter that the draft makes of the newest version. Raises DraftOutdated, DraftRefused."""
    catalogue = Catalogue(session)
    version, newest = await _newest(session, draft.basic_code)
    said, clashes = on_top(draft, await catalogue.version(draft.basic_code, draft.base_version), newest)
    if clashes:
        raise DraftOutdated(newest_version=version, paths=clashes[:100])
    matter = _parsed(lambda: api.Matter.model_validate_json(json.dumps(said)))
    known = around or await _around(session)
    others = await issued(session, uploaded_in(matter), but=[matter.basic_code])
    held = {**others, **issued_in([matter])}
    errors = errors_in_matter(matter, agencies=known.agencies, fields=known.fields, areas=known.areas, issued=held)
    if errors:
        raise _refused(*errors)
    return matter


def _parsed(parse: Callable[[], api.Matter]) -> api.Matter:
    """Two sound changes may make something that is no matter, such as one without places."""
    try:
        return parse()
    except ValidationError as broken:
        raise _refused(*map(broken_model, broken.errors(include_url=False, include_input=False))) from None


def _refused(*errors: dict[str, Any]) -> DraftRefused:
    return DraftRefused(f"{len(errors)} rules are broken", errors=list(errors[:100]))
