"""What the control plane asks services of the mesh under the gateway's own name."""

from dataclasses import dataclass, field

from chassis.errors import NotFound
from chassis.http import CallerFacts, Fetched, MeshClient
from contracts.api.application import CaseStanding
from contracts.api.gateway.sharing import SubjectDocument, SupplierSubject
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from contracts.events.access import DataAccessed
from contracts.values import CaseNumber, DocumentType, OrganisationId, PersonId
from gateway.registry.domain.sharing import CaseIsNotYours, SubjectIsNotInCase


@dataclass
class Asked:
    """Questions for one call. `access` is the look at the subject's identity that was taken on the way; it has to be told."""

    mesh: MeshClient
    act: CallerFacts
    access: DataAccessed | None = field(default=None)

    async def standing(self, case: CaseNumber) -> CaseStanding:
        """Raises CaseIsNotYours for a case that is not there: nobody learns which are."""
        try:
            found: Fetched[CaseStanding] = await self.mesh.get("application", f"/cases/{case}/standing", model=CaseStanding, act=self.act)
        except NotFound as error:
            raise CaseIsNotYours from error
        return found.value

    async def subject(self, subject: PersonId | OrganisationId, *, case: CaseNumber) -> SupplierSubject:
        """By the document that suppliers know somebody by. Nothing of it is kept."""
        if isinstance(subject, OrganisationId):
            return await self._organisation(subject, case)
        profile: Fetched[Profile] = await self.mesh.get(
            "identity", f"/persons/{subject}/profile", model=Profile, act=self.act, purpose=case
        )
        self.access = profile.access
        said = profile.value
        if said.resident_id is not None:
            return SupplierSubject(name=said.name.value, type=DocumentType.RIC.value, number=said.resident_id.value)
        if said.document is None:
            raise SubjectIsNotInCase("the subject has no document to be asked about")
        document = said.document
        return SupplierSubject(name=said.name.value, type=document.type.value, number=document.number, country=document.country)

    async def _organisation(self, subject: OrganisationId, case: CaseNumber) -> SupplierSubject:
        found: Fetched[OrganisationProfile] = await self.mesh.get(
            "identity", f"/organisations/{subject}/profile", model=OrganisationProfile, act=self.act, purpose=case
        )
        self.access = found.access
        return SupplierSubject(name=found.value.name.value, type="USCC", number=found.value.credit_code.value)


def check_document(wanted: SubjectDocument, subject: SupplierSubject) -> None:
    """Raises SubjectIsNotInCase unless the document is the one that the subject is known by."""
    if (wanted.type.value, wanted.number.strip().upper()) != (subject.type, subject.number):
        raise SubjectIsNotInCase
