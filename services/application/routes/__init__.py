from chassis.http import Router
from services.application.routes.applicant import router as applicant
from services.application.routes.deciding import router as deciding
from services.application.routes.documents import router as documents
from services.application.routes.drafts import router as drafts
from services.application.routes.handler import router as handler
from services.application.routes.judgements import router as judgements
from services.application.routes.library import router as library
from services.application.routes.metrics import router as metrics
from services.application.routes.reviewing import router as reviewing
from services.application.routes.subjects import router as subjects
from services.application.routes.supervision import router as supervision
from services.application.routes.window import router as window

router = Router()
router.include_router(applicant)
router.include_router(documents)
router.include_router(drafts)
router.include_router(handler)
router.include_router(deciding)
router.include_router(judgements)
router.include_router(library)
router.include_router(metrics)
router.include_router(reviewing)
router.include_router(subjects)
router.include_router(supervision)
router.include_router(window)
