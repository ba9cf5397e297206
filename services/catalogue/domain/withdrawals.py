"""Taking back before its day what two published or one decided. Source: ADR-0038."""

from chassis.errors import Conflict
from contracts.problems import catalogue as problems


class NothingScheduled(Conflict):
    """It does not exist, is in force by now, was taken back already, or later versions stand on it."""

    problem = problems.NOTHING_SCHEDULED


class NoWithdrawalWaits(Conflict):
    problem = problems.WITHDRAWAL_NOT_WAITING


class SameOfficerMayNotWithdraw(Conflict):
    problem = problems.WITHDRAWAL_SAME_OFFICER
