import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from chassis.sealing import Sealer
from contracts.values import CaseId, CertificateId, CertificateIdentifier, FileId
from services.application.domain.materials import CaseMaterial, CertificateCopy, Way

_PLAIN = ("code", "name", "file_id", "is_required", "issued_by", "reason", "evidence", "due_on", "supplied_at")


def row_of(case_id: CaseId, material: CaseMaterial, sealer: Sealer) -> dict[str, Any]:
    copy = sealer.seal(json.dumps(asdict(material.copy), ensure_ascii=False)) if material.copy else None
    return {"case_id": case_id, "way": material.way.value, "copy": copy} | {name: getattr(material, name) for name in _PLAIN}


def material_of(row: Row[Any], sealer: Sealer) -> CaseMaterial:
    return CaseMaterial(
        code=row.code,
        name=row.name,
        file_id=FileId(row.file_id) if row.file_id else None,
        copy=_copy(json.loads(sealer.open(row.copy))) if row.copy else None,
        way=Way(row.way),
        is_required=row.is_required,
        issued_by=row.issued_by,
        reason=row.reason,
        evidence=row.evidence,
        due_on=row.due_on,
        supplied_at=row.supplied_at,
    )


def _copy(said: dict[str, Any]) -> CertificateCopy:
    known = {"certificate_id": CertificateId(said["certificate_id"]), "identifier": CertificateIdentifier(said["identifier"])}
    return CertificateCopy(**said | known)
