from chassis.http import Router
from services.catalogue.routes.forms import router as forms
from services.catalogue.routes.guiding import router as guiding
from services.catalogue.routes.matters import router as matters

router = Router()
for part in (forms, guiding, matters):
    router.include_router(part)
