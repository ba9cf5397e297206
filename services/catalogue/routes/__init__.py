from chassis.http import Router
from services.catalogue.routes.matters import router as matters
from services.catalogue.routes.packages import router as packages

router = Router()
for part in (matters, packages):
    router.include_router(part)
