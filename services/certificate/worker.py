from chassis.clock import Clock
from chassis.database import Database
from chassis.forgetting import forgetting
from chassis.http import MeshClient
from chassis.http.idempotency import KEYS
from chassis.messaging import run_worker
from chassis.process import Part
from chassis.sealing import Sealer
from services.certificate.consumers import subscriptions
from services.certificate.neighbours import Neighbours
from services.certificate.settings import CertificateSettings
from services.certificate.signing import CertificateSigner


def create(settings: CertificateSettings, database: Database, clock: Clock) -> list[Part]:
    neighbours = Neighbours(
        MeshClient(settings, clock), Sealer.from_file(settings.data_key_file), CertificateSigner.from_file(settings.signing_key_file)
    )
    return [*run_worker(settings, database, subscriptions, clock, neighbours), forgetting("idempotency keys", database, clock, KEYS)]
