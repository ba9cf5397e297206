"""Decision records on their way to disk, chained; and the offline proof that nobody has touched them since."""

from gateway.ledger.chain import Signing
from gateway.ledger.sealer import Sealer
from gateway.ledger.witness import Witness
from gateway.ledger.writer import LedgerWriter

__all__ = ["LedgerWriter", "Sealer", "Signing", "Witness"]
