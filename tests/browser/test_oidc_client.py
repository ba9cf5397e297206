"""oidc-client-ts, as pages of other origins use it, logs in unchanged: a page without a server, in a real browser."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import Browser, Page, expect

from deploy.local.install import NODE_MODULES
from deploy.local.journey.citizen import PASSWORD
from deploy.local.journey.config import Person
from deploy.local.mesh import Mesh
from tests.support.oauth_clients import registered
from tests.support.whole_mesh import visiting

_FILES = {
    "/": (Path(__file__).parent / "oidc_page.html", "text/html"),
    "/oidc-client-ts.min.js": (NODE_MODULES / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js", "text/javascript"),
}


@contextmanager
def application() -> Iterator[str]:
    """The address of a page that its own server only hands out."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file, kind = _FILES.get(self.path.partition("?")[0], (None, ""))
            content = file.read_bytes() if file else b""
            self.send_response(200 if file else 404)
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def shown(page: Page) -> dict[str, Any]:
    await expect(page.locator("#user")).to_contain_text("profile")
    assert await page.locator("#failed").inner_text() == ""
    said: dict[str, Any] = json.loads(await page.locator("#user").inner_text())
    return said


async def test_oidc_client_ts_logs_in_renews_and_logs_out_unchanged(mesh: Mesh, person: Person, browser: Browser, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        with application() as here:
            client = await registered(
                visit, "a page without a server", here, profile="public", post_logout_redirect_uris=[f"{here}?signed-out"]
            )
            page = await browser.new_page(locale="en")
            await page.goto(f"{here}#{urlencode({'authority': mesh.gateway_url, 'client_id': client.id})}")
            await expect(page.locator("#user")).to_have_text("nobody")

            await page.click("#sign-in")
            await page.fill("#username", person.phone)
            await page.fill("#password", PASSWORD)
            await page.click("#submit")
            user = await shown(page)
            assert user["profile"]["name"] == person.name, "userinfo was read across origins"

            await page.click("#renew")
            await expect(page.locator("#user")).not_to_contain_text(user["access_token"])
            renewed = await shown(page)
            assert renewed["refresh_token"] != user["refresh_token"], "a page keeps no secret, so its refresh token is new each time"
            assert renewed["profile"]["sub"] == user["profile"]["sub"]

            await page.click("#sign-out")
            await expect(page.locator("#user")).to_have_text("nobody")
            await page.click("#sign-in")
            await expect(page.locator("#password")).to_be_visible()
