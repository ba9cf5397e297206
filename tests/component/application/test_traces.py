"""Where the traces of a case are looked for, and what stands in for them while nobody answers there. Source: the Zipkin API, version 2."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from contracts.values import CaseNumber
from deploy.local.running import free_port
from services.application.traces import Traces
from tests.support import cases
from tests.support.clock import TODAY

NUMBER = CaseNumber.of(cases.TASK, TODAY.date(), 1)
SUBMISSION, LATER = "a" * 32, "b" * 32


def span(trace: str, id_: str, service: str = "gateway") -> dict[str, Any]:
    return {
        "traceId": trace,
        "id": id_,
        "name": "post /cases",
        "timestamp": 1_000_000,
        "duration": 7,
        "localEndpoint": {"serviceName": service},
    }


@asynccontextmanager
async def viewer(named: Any, begun: Any = None, *, status: int = 200, late_s: float = 0.0) -> AsyncIterator[Traces]:
    """A back end that knows `named` by the case's number and `begun` by its id."""

    async def by_number(request: web.Request) -> web.Response:
        assert request.query["annotationQuery"] == f"case.number={NUMBER}"
        await asyncio.sleep(late_s)  # a back end that takes its time, not a wait for anything
        return web.json_response(named, status=status)

    async def by_id(request: web.Request) -> web.Response:
        return web.json_response(begun) if begun else web.Response(status=404)

    app, port = web.Application(), free_port()
    app.router.add_get("/api/v2/traces", by_number)
    app.router.add_get("/api/v2/trace/{id}", by_id)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield Traces(f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()


async def test_the_submission_is_found_by_its_id_and_the_rest_by_the_number_each_once() -> None:
    first, second = span(SUBMISSION, "1"), span(SUBMISSION, "2", "application")
    async with viewer([[span(LATER, "3")], [first, second]], [first, second]) as traces:
        found = await traces.of_case(NUMBER, SUBMISSION)
    assert found.is_complete
    assert sorted((each.trace_id, each.span_id, each.service) for each in found.spans) == [
        (SUBMISSION, "1", "gateway"), (SUBMISSION, "2", "application"), (LATER, "3", "gateway"),
    ]  # fmt: skip
    assert [each.rpartition("/")[2] for each in found.links[1:]] == [SUBMISSION, LATER]


async def test_a_submission_that_names_another_case_is_among_them_all_the_same() -> None:
    async with viewer([], [span(SUBMISSION, "1")]) as traces:
        found = await traces.of_case(NUMBER, SUBMISSION)
    assert (found.is_complete, [each.span_id for each in found.spans]) == (True, ["1"])


@pytest.mark.parametrize(
    ("named", "more"), [([], {"status": 500}), ([], {"late_s": 5.0}), ("no traces", {})], ids=["an error", "too late", "makes no sense"]
)
async def test_without_a_usable_answer_the_links_stay(named: Any, more: dict[str, Any]) -> None:
    async with viewer(named, [span(SUBMISSION, "1")], **more) as traces:
        found = await traces.of_case(NUMBER, SUBMISSION)
    assert (found.is_complete, found.spans, len(found.links)) == (False, [], 2)
    assert found.links[1].endswith(SUBMISSION)


async def test_where_nobody_listens_the_links_stay_too() -> None:
    found = await Traces(f"http://127.0.0.1:{free_port()}").of_case(NUMBER, SUBMISSION)
    assert (found.is_complete, found.spans, len(found.links)) == (False, [], 2)


async def test_more_than_is_read_is_said_to_be_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.application.traces._MOST", 1)
    async with viewer([[span(LATER, "3")]]) as traces:
        assert not (await traces.of_case(NUMBER)).is_complete
