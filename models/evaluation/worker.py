"""A worker of its own, on an empty store, and a server on loopback from which it fetches photos."""

import base64
import contextlib
import http.client
import http.server
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

PAGE = 1000
STARTED_WITHIN = 300  # seconds


@contextlib.contextmanager
def photo_server(photos):
    """Serves photos by their numbers; gives the address that a number is appended to."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = photos[int(self.path[1:])]
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Worker:
    """`ai-worker serve` in a temporary folder, until the end of the `with` block."""

    def __init__(self, binary, models, settings):
        self.binary = os.path.abspath(binary)
        self.folder = tempfile.TemporaryDirectory(prefix="people-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = os.environ | {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATA_DIR": self.folder.name,
            "MODELS_DIR": os.path.abspath(models),
            "ALLOW_PRIVATE_URLS": "true",
            "CONSOLIDATE_MINUTES": "0",
            "LOG_LEVEL": "warn",
        } | settings

    def __enter__(self):
        self.log = open(Path(self.folder.name) / "worker.log", "wb")
        self.process = subprocess.Popen(
            [self.binary, "serve"], env=self.environment, cwd=self.folder.name, stdout=self.log, stderr=self.log
        )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait(self):
        deadline = time.monotonic() + STARTED_WITHIN
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("the worker ended: " + Path(self.log.name).read_text()[-1000:])
            with contextlib.suppress(OSError):
                self.call("GET", "/health")
                return
            time.sleep(0.1)
        raise TimeoutError(f"the worker was not ready within {STARTED_WITHIN} seconds")

    def __exit__(self, *_):
        self.stop()
        self.log.close()
        self.folder.cleanup()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body), {"content-type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]}")
        return json.loads(content)

    def largest_face(self, name, url):
        """Sends a photo; gives the id of its largest face, or none."""
        faces = self.call("POST", "/api/process", {"file_id": name, "image_url": url})["faces"]
        return faces[0]["face_id"] if faces else None

    def consolidate(self):
        after = None
        while True:
            request = {"dry_run": False, "after": after, "limit": PAGE}
            after = self.call("POST", "/api/clusters/consolidate", request)["next"]
            if after is None:
                return

    def _pages(self, path, items):
        after = None
        while True:
            page = self.call("GET", f"{path}?limit={PAGE}" + (f"&after={after}" if after else ""))
            yield from page[items]
            after = page["next"]
            if after is None:
                return

    def clusters(self):
        """The cluster of each face."""
        return {
            face["face_id"]: cluster["cluster_id"]
            for cluster in self._pages("/api/clusters", "clusters")
            for face in self._pages(f"/api/clusters/{cluster['cluster_id']}/faces", "faces")
        }

    def vectors(self):
        """Ends the worker; gives the vector of each face."""
        self.stop()
        archive = Path(self.folder.name) / "export.jsonl"
        subprocess.run(
            [self.binary, "store", "export", archive],
            env=self.environment, cwd=self.folder.name, check=True, capture_output=True,
        )
        with open(archive, encoding="utf-8") as lines:
            faces = [line["face"] for line in map(json.loads, lines) if "face" in line]
        return {face["face_id"]: np.frombuffer(base64.b64decode(face["embedding"]), "<f4") for face in faces}
