"""Step 11. The operator sees one trace from the submission to the certificate."""

from typing import Any

from deploy.local.journey.context import Journey
from deploy.local.journey.narrator import padded
from deploy.local.journey.parties import Parties
from deploy.local.journey.submission import Submitted

_CHAIN = ("case.granted", "certificate.issued")
_WAYS = {"SERVER": "经 HTTP", "PRODUCER": "发件箱", "CONSUMER": "经 Kafka"}


async def follow(journey: Journey, parties: Parties, submitted: Submitted) -> None:
    journey.step("一条链路，从提交到证照", "one trace from the submission to the certificate")
    officer = journey.config.operator.officers[2]
    with journey.act(f"运营 operator {officer}", "查询该办件的决策记录 reads the decisions about the case") as line:
        params = {"case": submitted.number}
        decisions = (await journey.ask(lambda: parties.operator.get("/decisions", params=params, officer=officer))).json()["items"]
        refused = [each for each in decisions if each["refused_by"]]
        line.says(f"{len(decisions)} 条 records，{len(refused)} 条被拒 refused at the door")
    if not journey.config.zipkin_url:
        journey.narrator.tell(f"运营 operator {officer}", "未启动链路查看器 no trace viewer runs here", submitted.trace_id, ms=0)
        return
    url = f"{journey.config.zipkin_url}/api/v2/trace/{submitted.trace_id}"
    url = f"{journey.config.zipkin_url}/api/v2/trace/{submitted.trace_id}"
    with journey.act(f"运营 operator {officer}", "在链路查看器中打开 opens it in the trace viewer") as line:

        async def complete() -> list[dict[str, Any]] | None:
            answer = await journey.anybody.get(url)
            spans: list[dict[str, Any]] = answer.json() if answer.status_code == 200 else []
            return spans if _is_whole(spans) else None

        spans = await journey.until(complete, what=lambda: f"a trace of gateway, services and {', '.join(_CHAIN)} at {url}")
        line.says(f"{len(spans)} 段 spans：{'、'.join(sorted(_services(spans)))}")
    _draw(journey, [each for each in spans if each.get("kind") in _WAYS])
    journey.narrator.say(f"        {journey.config.zipkin_url}/zipkin/traces/{submitted.trace_id}")


def _draw(journey: Journey, spans: list[dict[str, Any]]) -> None:
    begin = min(each["timestamp"] for each in spans)
    for span in sorted(spans, key=lambda each: each["timestamp"]):
        after, spent = (span["timestamp"] - begin) / 1000, span.get("duration", 0) / 1000
        by = padded(_WAYS[span["kind"]], 9)
        journey.narrator.say(f"        {after:7.0f} ms  {by}{span['localEndpoint']['serviceName']:<12} {span['name']} ({spent:.0f} ms)")


def _is_whole(spans: list[dict[str, Any]]) -> bool:
    """Each process sends its spans when it likes, so the last link of the chain may be there before the first."""
    names = [span["name"] for span in spans]
    return {"gateway", "application", "certificate"} <= _services(spans) and all(
        any(name.startswith(link) for name in names) for link in _CHAIN
    )


def _services(spans: list[dict[str, Any]]) -> set[str]:
    return {span["localEndpoint"]["serviceName"] for span in spans}
