from chassis.http import Router
from services.application.routes.applicant import router as applicant
from services.application.routes.approval import router as approval
from services.application.routes.callbacks import router as callbacks
from services.application.routes.deciding import router as deciding
from services.application.routes.documents import router as documents
from services.application.routes.drafts import router as drafts
from services.application.routes.exchange import router as exchange
from services.application.routes.handler import router as handler
from services.application.routes.judgements import router as judgements
from services.application.routes.library import router as library
from services.application.routes.live import router as live
from services.application.routes.metrics import router as metrics
from services.application.routes.packages import router as packages
from services.application.routes.permits import router as permits
from services.application.routes.progress import router as progress
from services.application.routes.reviewing import router as reviewing
from services.application.routes.subjects import router as subjects
from services.application.routes.supervision import router as supervision
from services.application.routes.window import router as window
from services.application.routes.work import router as work
from services.application.routes.work_forms import router as work_forms

router = Router()
router.include_router(applicant)
router.include_router(approval)
router.include_router(callbacks)
router.include_router(deciding)
router.include_router(documents)
router.include_router(drafts)
router.include_router(exchange)
router.include_router(handler)
router.include_router(judgements)
router.include_router(library)
router.include_router(live)
router.include_router(metrics)
router.include_router(packages)
router.include_router(permits)
router.include_router(progress)
router.include_router(reviewing)
router.include_router(subjects)
router.include_router(supervision)
router.include_router(window)
router.include_router(work)
router.include_router(work_forms)
