"""安全防护: what may come in at all, how often, only once, and what of the answer is shown."""

from gateway.unified.protection.admission import Admission
from gateway.unified.protection.hygiene import SECURITY_HEADERS, check, without_internal_headers
from gateway.unified.protection.limits import Limits
from gateway.unified.protection.masking import Mask, mask_for
from gateway.unified.protection.replay import check_replay

__all__ = ["SECURITY_HEADERS", "Admission", "Limits", "Mask", "check", "check_replay", "mask_for", "without_internal_headers"]
