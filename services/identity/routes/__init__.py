from chassis.http import Router
from services.identity.routes.authorization import router as authorization
from services.identity.routes.persons import router as persons
from services.identity.routes.sign_on import router as sign_on
from services.identity.routes.tokens import router as tokens

router = Router()
router.include_router(persons)
router.include_router(authorization)
router.include_router(sign_on)
router.include_router(tokens)
