"""Whom the worker asks before it acts."""

from dataclasses import dataclass

from chassis.http import MeshClient
from chassis.sealing import Sealer
from services.certificate.signing import CertificateSigner


@dataclass(frozen=True, slots=True)
class Neighbours:
    mesh: MeshClient
    sealer: Sealer
    signer: CertificateSigner
