"""A KMS on this machine: moto speaks the real protocol; `Broken` stands where a KMS should and misbehaves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import orjson
from botocore.credentials import Credentials
from moto.server import ThreadedMotoServer

from streams.keys.kms import KmsKeyProvider
from streams.keys.providers import KeyContext

REGION = "eu-west-1"
SECRET = "canary-of-the-kms-secret"
CONTEXT = KeyContext("u1", "0x" + "ab" * 20, 1)


def credentials() -> Credentials:
    """As a machine would find them."""
    return Credentials("AKIACANARY", SECRET, "canary-session-token")


class Kms:
    """A running KMS: keys are made in it as an administrator would."""

    def __init__(self, url: str) -> None:
        self.url = url

    def new_key(self) -> str:
        return str(self.administer("CreateKey", {})["KeyMetadata"]["KeyId"])

    def administer(self, deed: str, body: dict[str, object]) -> Any:
        headers = {
            "X-Amz-Target": f"TrentService.{deed}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=a/20260101/{REGION}/kms/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
        answer = httpx.post(self.url, content=orjson.dumps(body), headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def provider(self, key: str | None = None, seconds: float = 5.0) -> KmsKeyProvider:
        return KmsKeyProvider(
            key or self.new_key(), region=REGION, endpoint=self.url, find=credentials, seconds=seconds
        )


@contextmanager
def running_kms() -> Iterator[Kms]:
    """A KMS as long as the block runs."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Kms(f"http://{host}:{port}")
    finally:
        server.stop()


Script = Callable[[int, dict[str, str], bytes], tuple[int, bytes] | None]
"""Number of the request, its headers and body → status and body; None cuts the connection."""


@contextmanager
def broken(script: Script) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server that answers by the script; its address and the headers of all requests."""
    seen: list[dict[str, str]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append({name.lower(): value for name, value in self.headers.items()})
            said = script(len(seen), seen[-1], body)
            if said is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(said[0])
            self.send_header("Content-Length", str(len(said[1])))
            self.end_headers()
            self.wfile.write(said[1])

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ValueError, OSError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def provider_at(url: str, seconds: float = 2.0) -> KmsKeyProvider:
    """A provider that speaks to this address."""
    return KmsKeyProvider("0" * 36, region=REGION, endpoint=url, find=credentials, seconds=seconds)
