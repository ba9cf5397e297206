from chassis.http import Router
from services.application.routes.applicant import router as applicant
from services.application.routes.handler import router as handler

router = Router()
router.include_router(applicant)
router.include_router(handler)
