from chassis.http import Router
from services.identity.routes.account import router as account
from services.identity.routes.account_pages import router as account_pages
from services.identity.routes.applicants import router as applicants
from services.identity.routes.authorization import router as authorization
from services.identity.routes.city_code_verifications import router as city_code_verifications
from services.identity.routes.city_codes import router as city_codes
from services.identity.routes.clients import router as clients
from services.identity.routes.consent import router as consent
from services.identity.routes.device_page import router as device_page
from services.identity.routes.devices import router as devices
from services.identity.routes.discovery import router as discovery
from services.identity.routes.federation import router as federation
from services.identity.routes.file import router as file
from services.identity.routes.introspection import router as introspection
from services.identity.routes.ledger import router as ledger
from services.identity.routes.logout import router as logout
from services.identity.routes.mandate_pages import router as mandate_pages
from services.identity.routes.mandates import router as mandates
from services.identity.routes.organisations import router as organisations
from services.identity.routes.paper_codes import router as paper_codes
from services.identity.routes.persons import router as persons
from services.identity.routes.pushed_requests import router as pushed_requests
from services.identity.routes.registration import router as registration
from services.identity.routes.sign_on import router as sign_on
from services.identity.routes.staff import router as staff
from services.identity.routes.tokens import router as tokens
from services.identity.routes.userinfo import router as userinfo

router = Router()
for part in (
    account,
    account_pages,
    applicants,
    authorization,
    city_code_verifications,
    city_codes,
    clients,
    consent,
    device_page,
    devices,
    discovery,
    federation,
    file,
    introspection,
    ledger,
    logout,
    mandate_pages,
    mandates,
    organisations,
    paper_codes,
    persons,
    pushed_requests,
    registration,
    sign_on,
    staff,
    tokens,
    userinfo,
):
    router.include_router(part)
