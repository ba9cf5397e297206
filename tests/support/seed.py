"""The committed seed as its importers read it."""

import json
from functools import cache

from contracts.api.catalogue import ImportCatalogue
from contracts.api.certificate import CertificateType, ImportTypes
from deploy.local import seed


@cache
def catalogue() -> ImportCatalogue:
    return ImportCatalogue.model_validate_json(json.dumps(seed.document()))


@cache
def types() -> dict[str, CertificateType]:
    said = {"types": json.loads((seed.CERTIFICATE / "certificate_types.json").read_text())}
    return {kind.code: kind for kind in ImportTypes.model_validate_json(json.dumps(said)).types}
