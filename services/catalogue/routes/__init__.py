from chassis.http import Router
from services.catalogue.routes.changes import router as changes
from services.catalogue.routes.drafts import router as drafts
from services.catalogue.routes.exports import router as exports
from services.catalogue.routes.forms import router as forms
from services.catalogue.routes.guiding import router as guiding
from services.catalogue.routes.imports import router as imports
from services.catalogue.routes.lists import router as lists
from services.catalogue.routes.matters import router as matters
from services.catalogue.routes.packages import router as packages
from services.catalogue.routes.points import router as points
from services.catalogue.routes.search import router as search
from services.catalogue.routes.versions import router as versions
from services.catalogue.routes.withdrawals import router as withdrawals

router = Router()
# A task code stands where the names of imports and searches do: whoever has names comes before the matters.
for part in (changes, drafts, exports, forms, guiding, imports, lists, search, matters, packages, points, versions, withdrawals):
    router.include_router(part)
