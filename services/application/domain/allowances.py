from dataclasses import dataclass, field
from datetime import timedelta

from services.application.domain.files import FileLimits


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """`drafts_kept` from their last edit; for how long an outage explains an upload, and a check at a window proves who is there."""

    file: FileLimits = field(default_factory=FileLimits)
    case_files_bytes: int = 20 * 1024 * 1024
    drafts_kept: timedelta = timedelta(days=90)
    outage_explains: timedelta = timedelta(hours=1)
    presence_proves: timedelta = timedelta(hours=2)
