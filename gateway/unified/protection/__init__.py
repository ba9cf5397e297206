"""安全防护: what may come in at all, how often, only once, and what of the answer is shown."""

from gateway.unified.protection.addresses import Addresses
from gateway.unified.protection.admission import Admission
from gateway.unified.protection.allowance import Shares
from gateway.unified.protection.hygiene import SECURITY_HEADERS, check, security_headers, without_internal_headers
from gateway.unified.protection.limits import Limits
from gateway.unified.protection.masking import Mask, NotMaskable, mask_for
from gateway.unified.protection.replay import check_replay

__all__ = [
    "SECURITY_HEADERS",
    "Addresses",
    "Admission",
    "Limits",
    "Mask",
    "NotMaskable",
    "Shares",
    "check",
    "check_replay",
    "mask_for",
    "security_headers",
    "without_internal_headers",
]
