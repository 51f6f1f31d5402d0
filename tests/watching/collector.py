"""A place where traces go in tests: OTLP over HTTP on the loopback, and what came there."""

from __future__ import annotations

import gzip
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATH: Final = "/v1/traces"


class SpanSeen(NamedTuple):
    """One span as it came; ids are hex, the parent is empty at a trace's beginning."""

    process: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    said: dict[str, str]


class Collector:
    """What came."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}{PATH}"
        self.spans: list[SpanSeen] = []

    def take(self, body: bytes) -> None:
        """Read one export."""
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            process = next(
                each.value.string_value for each in resource.resource.attributes if each.key == "service.name"
            )
            for scope in resource.scope_spans:
                for span in scope.spans:
                    said = {each.key: each.value.string_value for each in span.attributes}
                    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                    self.spans.append(SpanSeen(process, span.name, *ids, said))

    def ways(self) -> list[list[SpanSeen]]:
        """For each POST the spans from its trace's beginning down to it."""
        known = {span.span_id: span for span in self.spans}
        ways = []
        for span in self.spans:
            if span.name == "post":
                way = [span]
                while way[0].parent_id in known:
                    way.insert(0, known[way[0].parent_id])
                ways.append(way)
        return ways

    def names(self) -> dict[str, int]:
        """How many spans of each name."""
        counted: dict[str, int] = defaultdict(int)
        for span in self.spans:
            counted[span.name] += 1
        return dict(counted)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Listen on any free port."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            collector.take(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    collector = Collector(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
