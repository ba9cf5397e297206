from chassis.http import Router
from services.catalogue.routes.drafts import router as drafts
from services.catalogue.routes.lists import router as lists
from services.catalogue.routes.matters import router as matters
from services.catalogue.routes.points import router as points
from services.catalogue.routes.versions import router as versions

router = Router()
for part in (drafts, lists, matters, points, versions):
    router.include_router(part)
