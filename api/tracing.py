"""Where a trade that comes by webhook begins its trace (OpenTelemetry, W3C `traceparent` in Kafka's headers).

Imported only where a setting says where traces go (streams/tracing.py does the same for the way behind the topic; the
two packages import each other nowhere).
"""

from __future__ import annotations

from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

SEND_EVERY_MS: Final = 1_000
_W3C: Final = TraceContextTextMapPropagator()


class Tracing:
    """The spans of the webhook's door."""

    def __init__(self, url: str) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": "polycool-api"}))
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=url), schedule_delay_millis=SEND_EVERY_MS)
        )
        self._tracer = self._provider.get_tracer("polycool")

    def begin(self, topic: str) -> tuple[Span, list[tuple[str, bytes]]]:
        """A span for one trade that goes onto the topic, and the headers its message carries; the caller ends it."""
        said = {"messaging.system": "kafka", "messaging.destination.name": topic}
        span = self._tracer.start_span("webhook", kind=SpanKind.PRODUCER, attributes=said)
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, set_span_in_context(span))
        return span, [("traceparent", carrier["traceparent"].encode())]

    def close(self) -> None:
        """Send what is left; waits for a few seconds at most."""
        self._provider.force_flush(2_000)
        self._provider.shutdown()
