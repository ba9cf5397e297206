from chassis.http import Router
from services.application.routes.applicant import router as applicant
from services.application.routes.handler import router as handler
from services.application.routes.live import router as live
from services.application.routes.progress import router as progress
from services.application.routes.subjects import router as subjects
from services.application.routes.work import router as work

router = Router()
router.include_router(applicant)
router.include_router(handler)
router.include_router(live)
router.include_router(progress)
router.include_router(subjects)
router.include_router(work)
