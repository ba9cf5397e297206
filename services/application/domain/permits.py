from chassis.errors import NotFound
from contracts.problems import application as problems


class NoSuchPermitNotice(NotFound):
    problem = problems.PERMIT_NOTICE_NOT_FOUND
