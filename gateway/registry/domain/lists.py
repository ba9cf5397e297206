"""三清单: the lists of demands, duties and of what may not be shared."""

from chassis.errors import NotFound
from contracts.problems import sharing as problems


class NoSuchEntry(NotFound):
    problem = problems.LIST_ENTRY_NOT_FOUND
