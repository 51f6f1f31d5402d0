"""OpenTelemetry traces from a trade to its order, continued through Kafka's headers (W3C `traceparent`).

Off unless a setting says where they go; then this module is not even imported, and messages carry no headers. A span
is named after its stage; what it says of a message is its place, never a body, a key or a person. Spans are sent by a
thread of their own, in batches, and dropped when nobody takes them: no trade waits for a trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from streams.kafka.guard import Received

# A second: whoever looks at a trace looks at it later; and a killed process loses no more.
SEND_EVERY_MS: Final = 1_000
_W3C: Final = TraceContextTextMapPropagator()


class Tracing:
    """The spans of one process."""

    def __init__(self, url: str, process: str) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": f"polycool-{process}"}))
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=url), schedule_delay_millis=SEND_EVERY_MS)
        )
        self._tracer = self._provider.get_tracer("polycool")
        self._open: dict[str, Span] = {}

    def begin(self, stage: str, batch: Sequence[Received]) -> list[Received]:
        """Begin a span for each message; what comes back carries the `traceparent` of its own span."""
        return [self._begun(stage, received) for received in batch]

    def end(self, batch: Sequence[Received]) -> None:
        """The messages' effects are durable, their sends handed over."""
        for received in batch:
            span = self._open.pop(received.traceparent or "", None)
            if span is not None:
                span.end()

    def past(
        self, name: str, parent: str, began_ns: int, ended_ns: int, said: Mapping[str, str | bool]
    ) -> None:
        """A span of what has happened already, below a `traceparent`; times are nanoseconds since 1970."""
        span = self._tracer.start_span(
            name, _context(parent), SpanKind.CLIENT, attributes=said, start_time=began_ns
        )
        span.end(ended_ns)

    def close(self) -> None:
        """Send what is left; waits for a few seconds at most."""
        self._provider.force_flush(2_000)
        self._provider.shutdown()

    def _begun(self, stage: str, received: Received) -> Received:
        said: dict[str, str | int] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": received.topic,
            "messaging.destination.partition.id": str(received.partition),
            "messaging.kafka.offset": received.offset,
        }
        parent = _context(received.traceparent)
        span = self._tracer.start_span(stage, parent, SpanKind.CONSUMER, attributes=said)
        traceparent = traceparent_of(span)
        self._open[traceparent] = span
        return received._replace(traceparent=traceparent)


def traceparent_of(span: Span) -> str:
    """The W3C form of a span."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _context(traceparent: str | None) -> Context | None:
    """What a span begins below; an unreadable header begins a trace of its own."""
    return None if traceparent is None else _W3C.extract({"traceparent": traceparent}, Context())
