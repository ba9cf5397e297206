from chassis.http import Router
from services.catalogue.routes.changes import router as changes
from services.catalogue.routes.exports import router as exports
from services.catalogue.routes.imports import router as imports
from services.catalogue.routes.matters import router as matters

router = Router()
# `/matters/imports` before `/matters/{task_code}`, which would take it for a code.
for part in (changes, exports, imports, matters):
    router.include_router(part)
