"""Tracing by hand: one span a request, a call, a transaction of a handler. Which exporter is nobody else's business.

Source: W3C Trace Context; OpenTelemetry environment variables (`OTEL_TRACES_EXPORTER`: none, zipkin_json or otlp).
"""

import logging
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context, get_value, set_value
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.settings import ServiceSettings

_SHUTDOWN_S: Final = 2.0
_CHOSEN: Final = "tongban-chosen"
_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("tongban")
_ratio = 0.0


class _Chosen(TraceIdRatioBased):
    """By ratio, but for a trace that `chosen` has already decided about."""

    def should_sample(self, parent_context: Context | None, trace_id: int, name: str, *args: Any, **kwargs: Any) -> SamplingResult:
        sample = ALWAYS_ON.should_sample if get_value(_CHOSEN, parent_context) else super().should_sample
        return sample(parent_context, trace_id, name, *args, **kwargs)


def chosen() -> bool:
    """Whether a trace that begins here is to be kept: decided before anything is spent on it."""
    return _ratio > random.random()


def unkept() -> str:
    """The `traceparent` of a trace that is not kept; the others are told so by its flag."""
    digits = random.randbytes(24).hex()
    return f"00-{digits[:32]}-{digits[32:]}-00"


def is_kept(traceparent: str) -> bool:
    """Whether its spans go anywhere."""
    return traceparent[-1:] in "13579bdf"


def kept(traceparent: str) -> str:
    """The same trace, for a span that is worth keeping after all."""
    return f"{traceparent[:-2]}01"


def start(settings: ServiceSettings) -> None:
    """Export this process's spans as the environment says. Does nothing when there is nowhere to send them."""
    exporter = _exporter(settings.traces_exporter)
    if exporter is None:
        return
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    provider = TracerProvider(
        resource=Resource.create({"service.name": settings.name}),
        sampler=ParentBased(_Chosen(settings.traces_sample_ratio)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=4096, schedule_delay_millis=1000))
    trace.set_tracer_provider(provider)
    global _ratio  # noqa: PLW0603 (as the provider is: one for the process, set once)
    _ratio = settings.traces_sample_ratio


def _exporter(name: str) -> SpanExporter | None:
    if name == "zipkin_json":
        from opentelemetry.exporter.zipkin.json import ZipkinExporter

        return ZipkinExporter(timeout=2)
    if name == "otlp":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(timeout=2)
    return None


def stop() -> None:
    """Flush what is queued, for two seconds at most: with the collector away the library alone would take thirty."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        flush = threading.Thread(target=provider.shutdown, daemon=True)
        flush.start()
        flush.join(_SHUTDOWN_S)


def context_of(traceparent: str | None) -> Context | None:
    """The remote context that a `traceparent` header names; None when there is none."""
    return _propagator.extract({"traceparent": traceparent}) if traceparent else None


def current_traceparent() -> str | None:
    """The W3C header of the span we are in; None outside any."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def trace_id_of(traceparent: str | None) -> str | None:
    return traceparent.split("-")[1] if traceparent else None


@contextmanager
def span(
    name: str, *, kind: SpanKind = SpanKind.INTERNAL, parent: str | None = None, root: bool = False, **attributes: str | int
) -> Iterator[Span]:
    """A span around the block: child of `parent` (a traceparent), else of the current span, or the root of a trace that is kept.

    Keyword names become attributes with `__` written as a dot (`case__number` → `case.number`).
    """
    context = set_value(_CHOSEN, True, Context()) if root else context_of(parent)
    names = _dotted(attributes)
    with _tracer.start_as_current_span(
        name, context=context, kind=kind, attributes=names, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def record(name: str, *, kind: SpanKind, parent: str, began: datetime, **attributes: str | int) -> None:
    """A span that ends now and began at `began`: for what is known to have been waiting only when it is over."""
    started = int(began.timestamp() * 1_000_000) * 1000
    _tracer.start_span(name, context_of(parent), kind, _dotted(attributes), start_time=started).end()


def tag(**attributes: str | int) -> None:
    """Attributes of the span we are in, named as for `span`."""
    trace.get_current_span().set_attributes(_dotted(attributes))


def _dotted(attributes: dict[str, str | int]) -> dict[str, str | int]:
    return {key.replace("__", "."): value for key, value in attributes.items()}
