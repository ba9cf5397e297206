from chassis.http import Router
from services.catalogue.routes.lists import router as lists
from services.catalogue.routes.matters import router as matters
from services.catalogue.routes.points import router as points

router = Router()
for part in (lists, matters, points):
    router.include_router(part)
