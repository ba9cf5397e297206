from chassis.http import Router
from services.catalogue.routes.matters import router as matters

router = Router()
for part in (matters,):
    router.include_router(part)
