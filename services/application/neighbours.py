"""What intake asks of other services, and the accesses to personal data that asking was."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, ServiceError, Unavailable
from chassis.http import CallerFacts, Fetched, MeshClient
from contracts.api import catalogue, certificate
from contracts.api.application import AskJudgement, CertificateUse, GivenMaterial, SubmitPackage, WindowSubmit
from contracts.api.identity import persons as identity
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.standing import AskApplicant, AskPrincipal, CreditStanding, KnownApplicant
from contracts.events.access import DataAccessed
from contracts.values import CaseNumber, CertificateId, CertificateTypeCode, ConsentId, PersonId, TaskCode
from services.application.domain.applicant import Applicant
from services.application.domain.intake import ApplicantIsNotKnown, CertificateUseRefused, MatterIsNotJudged, NoMandateAtHand
from services.application.domain.materials import CaseMaterial, CertificateCopy, CommitmentBarred, Held, Way, described
from services.application.domain.units import CompetenceIsUnclear, NobodyIsCompetent

_NO_MANDATE: Final = frozenset({"mandate-not-found", "organisation-not-found"})
_CONSENTS: Final = uuid.UUID("5f0b7c1e-6a55-5f3c-9d55-0d5a6c1f3b77")


@dataclass
class Asked:
    """Questions on behalf of one caller. `accesses` must reach the outbox, whatever becomes of the request."""

    mesh: MeshClient
    act: CallerFacts
    accesses: list[DataAccessed] = field(default_factory=list)

    async def definition(self, task_code: TaskCode, *, version: int | None = None, situation: str | None = None) -> catalogue.Definition:
        """The published version, or the one a case was started under, in its situation. Raises NotFound."""
        said = urlencode({name: value for name, value in (("version", version), ("situation", situation)) if value})
        query = f"?{said}" if said else ""
        found: catalogue.Definition = await self.mesh.known(
            "catalogue", f"/matters/{task_code}/definition{query}", model=catalogue.Definition
        )
        return found

    async def competent(self, task_code: TaskCode, place: str) -> TaskCode:
        """Of this matter for a place. Raises NobodyIsCompetent, CompetenceIsUnclear, Unavailable."""
        fetched: Fetched[catalogue.Competence] = await self.mesh.get(
            "catalogue", f"/matters/{task_code}/competence?place={place}", model=catalogue.Competence
        )
        found = fetched.value
        if found.candidates:
            raise CompetenceIsUnclear(candidates=list(found.candidates))
        if found.task_code is None:
            raise NobodyIsCompetent(place=place)
        return found.task_code

    async def course(self, wanted: SubmitPackage) -> catalogue.PackageCourse:
        """Of a package as it is in force, in one situation, for a division. Raises NotFound, Conflict."""
        query = urlencode({"situation": wanted.situation, "division": wanted.division})
        fetched: Fetched[catalogue.PackageCourse] = await self.mesh.get(
            "catalogue", f"/packages/{wanted.code}/course?{query}", model=catalogue.PackageCourse
        )
        return fetched.value

    async def profile(self, person_id: PersonId, *, purpose: str) -> identity.Profile:
        fetched: Fetched[identity.Profile] = await self.mesh.get(
            "identity", f"/persons/{person_id}/profile", model=identity.Profile, act=self.act, purpose=purpose
        )
        self._note(fetched)
        return fetched.value

    async def applicant(self, applicant: Applicant, *, purpose: str) -> identity.Profile | OrganisationProfile:
        if applicant.person:
            return await self.profile(applicant.person, purpose=purpose)
        fetched: Fetched[OrganisationProfile] = await self.mesh.get(
            "identity", f"/organisations/{applicant.organisation}/profile", model=OrganisationProfile, act=self.act, purpose=purpose
        )
        self._note(fetched)
        return fetched.value

    async def agent_name(self, applicant: Applicant, *, purpose: str) -> str | None:
        """Of the person who acts for the applicant, if somebody does."""
        return (await self.profile(applicant.actor, purpose=purpose)).name.value if applicant.actor else None

    async def holdings(
        self, person_id: PersonId | None, types: Sequence[CertificateTypeCode], *, purpose: str
    ) -> list[certificate.Holding]:
        """Only what persons hold stands in for a material."""
        if not types or person_id is None:
            return []
        wanted = certificate.AskHoldings(person_id=person_id, types=list(dict.fromkeys(types)))
        fetched: Fetched[list[certificate.Holding]] = await self.mesh.post(
            "certificate", "/holdings", json=wanted, model=list[certificate.Holding], act=self.act, purpose=purpose
        )
        self._note(fetched)
        return fetched.value

    async def held(
        self, person_id: PersonId | None, number: CaseNumber, definition: catalogue.Definition, given: Sequence[GivenMaterial]
    ) -> Held:
        """What the city holds of what is given, asked once: certificates to use, and those that a file is given instead of.

        Raises Unavailable where a certificate is to be used.
        """
        kinds = {material.code: material.certificate_type for material in definition.materials}
        to_use = [kind for each in given if each.certificate and (kind := kinds[each.code])]
        instead = [kind for each in given if each.file_id and each.because != "holder_prefers" and (kind := kinds[each.code])]
        try:
            found = await self.holdings(person_id, [*to_use, *instead], purpose=number)
        except Unavailable:
            if to_use:
                raise
            return Held({}, is_away=True)
        until = {each.certificate_id: each.valid_until for each in found if each.valid_until}
        return Held({each.certificate_id: each.type for each in found}, until=until)

    async def certificate_materials(
        self, person_id: PersonId | None, number: CaseNumber, definition: catalogue.Definition, given: Sequence[GivenMaterial], held: Held
    ) -> list[CaseMaterial]:
        """Use the certificates among the materials in this case. Repeating it uses them once.

        Raises: CertificateUseRefused naming the material, Unavailable.
        """
        known = {material.code: material for material in definition.materials}
        found = []
        for code, use in ((each.code, each.certificate) for each in given if each.certificate):
            if person_id is None or held.certificates.get(use.certificate_id) != known[code].certificate_type:
                raise CertificateUseRefused(material=code)
            copy = await self._use(person_id, number, definition.version, use, material=code)
            if last := held.until.get(use.certificate_id):
                copy = replace(copy, valid_until=last.isoformat())
            found.append(replace(described(known[code], Way.CERTIFICATE), copy=copy))
        return found

    async def check_commitments(self, applicant: Applicant, given: Sequence[GivenMaterial], *, purpose: str) -> None:
        """Whether the applicant's word may stand for a proof. Source: 国办发〔2020〕42号. Raises CommitmentBarred, Unavailable."""
        if not any(each.commitment for each in given):
            return
        fetched: Fetched[CreditStanding] = await self.mesh.get(
            "identity", f"/subjects/{applicant.subject}/credit", model=CreditStanding, act=self.act, purpose=purpose
        )
        self._note(fetched)
        if fetched.value.is_barred:
            raise CommitmentBarred(materials=[each.code for each in given if each.commitment])

    async def judged(self, asked: AskJudgement) -> catalogue.Eligibility:
        """What the table of the matter says of the caller. Raises MatterIsNotJudged, NotFound, Unavailable."""
        body = catalogue.AskEligibility(inputs=asked.inputs)
        try:
            fetched: Fetched[catalogue.Eligibility] = await self.mesh.post(
                "catalogue", f"/matters/{asked.task_code}/judgement", json=body, model=catalogue.Eligibility, act=self.act
            )
        except NotFound as refusal:
            raise MatterIsNotJudged from refusal
        self._note(fetched)
        return fetched.value

    async def at_hand(self, wanted: WindowSubmit) -> KnownApplicant:
        """Whose account the document is, when the caller's agency last saw its person, and by what they act for another.

        Raises ApplicantIsNotKnown, NoMandateAtHand, Unavailable.
        """
        body = AskApplicant(name=wanted.applicant.name, document=wanted.applicant.document, acting_for=_principal(wanted))
        try:
            fetched: Fetched[KnownApplicant] = await self.mesh.post(
                "identity", "/applicants", json=body, model=KnownApplicant, act=self.act, purpose="窗口收件 window"
            )
        except (NotFound, Invalid, Conflict) as refusal:
            if _detail(refusal) in _NO_MANDATE:
                raise NoMandateAtHand from refusal
            raise ApplicantIsNotKnown from refusal
        self._note(fetched)
        return fetched.value

    async def check_served(self, applicant: Applicant, definition: catalogue.Definition) -> None:
        """Whether the matter, and what it gives, is for such applicants. Raises MatterNotForOrganisations, Unavailable."""
        applicant.check_served(definition)
        if applicant.organisation and definition.result_certificate_type:
            kind: certificate.CertificateType = await self.mesh.known(
                "certificate", f"/certificate-types/{definition.result_certificate_type}", model=certificate.CertificateType
            )
            applicant.check_holds(kind)

    async def content_errors(self, kind: CertificateTypeCode, content: dict[str, object]) -> list[dict[str, str]]:
        """What this content lacks to make a certificate of the type."""
        fetched: Fetched[certificate.CheckedContent] = await self.mesh.post(
            "certificate", f"/certificate-types/{kind}/contents", json={"content": content}, model=certificate.CheckedContent
        )
        return fetched.value.errors

    async def _use(self, person_id: PersonId, number: CaseNumber, version: int, use: CertificateUse, *, material: str) -> CertificateCopy:
        body = certificate.UseCertificate(
            person_id=person_id,
            case_number=number,
            task_code=number.task_code,
            purpose=use.purpose,
            consent_id=consent_id(number, use.certificate_id),
            version=version,
        )
        try:
            fetched: Fetched[certificate.UsedCertificate] = await self.mesh.post(
                "certificate",
                f"/certificates/{use.certificate_id}/uses",
                json=body,
                model=certificate.UsedCertificate,
                act=self.act,
                purpose=number,
            )
        except (NotFound, Conflict, Invalid, Forbidden) as refusal:
            raise CertificateUseRefused(_detail(refusal), material=material) from refusal
        self._note(fetched)
        used = fetched.value
        return CertificateCopy(used.certificate_id, used.identifier, used.content, used.annotation, used.grade)

    def _note(self, fetched: Fetched[Any]) -> None:
        if fetched.access:
            self.accesses.append(fetched.access)


def _principal(wanted: WindowSubmit) -> AskPrincipal | None:
    if wanted.acting_for is None:
        return None
    matter, person = wanted.task_code.basic, wanted.acting_for.person
    if person is None:
        return AskPrincipal(matter=matter, credit_code=wanted.acting_for.credit_code)
    return AskPrincipal(matter=matter, name=person.name, document=person.document)


def consent_id(number: CaseNumber, certificate_id: CertificateId) -> ConsentId:
    """One consent for each certificate in a case: a retry gives the same one."""
    return ConsentId(str(uuid.uuid5(_CONSENTS, f"{number}/{certificate_id}")))


def _detail(refusal: ServiceError) -> str:
    return str(refusal.extensions.get("upstream_code", ""))
