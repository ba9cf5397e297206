from chassis.http import Router
from services.catalogue.routes.changes import router as changes
from services.catalogue.routes.drafts import router as drafts
from services.catalogue.routes.exports import router as exports
from services.catalogue.routes.forms import router as forms
from services.catalogue.routes.guiding import router as guiding
from services.catalogue.routes.imports import router as imports
from services.catalogue.routes.matters import router as matters
from services.catalogue.routes.versions import router as versions

router = Router()
# `/matters/imports` before `/matters/{task_code}`, which would take it for a code.
for part in (changes, drafts, exports, forms, guiding, imports, matters, versions):
    router.include_router(part)
