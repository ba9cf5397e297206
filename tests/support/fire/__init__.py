"""Intake under fire: clients that retry until they are answered, processes that are killed meanwhile, and a recount.

Every client writes down what it is about to send and what it was told, before and after: that journal is the oracle.
"""

from tests.support.fire.clients import Journal, submit_all
from tests.support.fire.killer import Killer
from tests.support.fire.recount import Recount, recounted

__all__ = ["Journal", "Killer", "Recount", "recounted", "submit_all"]
