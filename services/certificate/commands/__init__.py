"""One function for each thing that can be made to happen with certificates."""

from services.certificate.commands.issuing import change, deposit, end, issue, renew
from services.certificate.commands.keeping import import_types, link, move
from services.certificate.commands.showing import present, use, verify

__all__ = ["change", "deposit", "end", "import_types", "issue", "link", "move", "present", "renew", "use", "verify"]
