"""Whom the worker asks before it acts."""

from dataclasses import dataclass

from chassis.http import MeshClient
from chassis.http.client import Fetched
from chassis.sealing import Sealer
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from contracts.values import OrganisationId, PersonId
from services.certificate.signing import CertificateSigner


@dataclass(frozen=True, slots=True)
class Neighbours:
    mesh: MeshClient
    sealer: Sealer
    signer: CertificateSigner

    async def profile(self, person_id: PersonId) -> Fetched[Profile]:
        return await self.mesh.get(
            "identity", f"/persons/{person_id}/profile", model=Profile, act=person_id, purpose="关联持证人 link certificates"
        )

    async def organisation(self, organisation_id: OrganisationId) -> Fetched[OrganisationProfile]:
        return await self.mesh.get(
            "identity", f"/organisations/{organisation_id}/profile", model=OrganisationProfile, purpose="关联持证主体 link certificates"
        )
