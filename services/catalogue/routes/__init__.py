from chassis.http import Router
from services.catalogue.routes.matters import router as matters
from services.catalogue.routes.packages import router as packages
from services.catalogue.routes.search import router as search

router = Router()
# Before the matters: a task code stands where the names of searches do.
for part in (search, matters, packages):
    router.include_router(part)
