from chassis.http import Router
from services.identity.routes.persons import router as persons
from services.identity.routes.protocol import router as protocol

router = Router()
router.include_router(persons)
router.include_router(protocol)
