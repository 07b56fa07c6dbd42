"""A client of a language server over its standard streams, as small as an editor's can be."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

#: That a server may live, on a machine that does much else.
SECONDS = 100


class Server:
    """A running server, opened on a folder; ends with the `with` block."""

    def __init__(self, command: Sequence[str], folder: Path, settings: Any) -> None:
        self.folder = folder
        self.settings = settings
        self.number = 0
        self.end = time.monotonic() + SECONDS
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={k: v for k, v in os.environ.items() if k != "FLAKE8_CELERY_RAISE"},
        )
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Server:
        capabilities = {"textDocument": {"publishDiagnostics": {}}}
        self._request(
            "initialize",
            processId=os.getpid(),
            rootUri=self.folder.as_uri(),
            rootPath=str(self.folder),
            capabilities=capabilities,
        )
        self._tell("initialized")
        if self.settings is not None:
            self._tell("workspace/didChangeConfiguration", settings=self.settings)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._tell("exit")
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            pass  # not every server goes when it is told to
        finally:
            self.process.kill()
            self.process.wait()

    def open(self, path: Path, text: str) -> None:
        """Show the file, with its text on disk or another."""
        document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
        self._tell("textDocument/didOpen", textDocument=document)

    def type(self, path: Path, text: str) -> None:
        """Change the text in the editor; the file stays as it is."""
        document = {"uri": path.as_uri(), "version": 2}
        self._tell("textDocument/didChange", textDocument=document, contentChanges=[{"text": text}])

    def diagnostics(self, path: Path, enough: Callable[[list[Any]], bool]) -> list[dict[str, Any]]:
        """The first that are said of the file and are enough; AssertionError where none come."""
        said: list[dict[str, Any]] = []
        while True:
            try:
                message = self.messages.get(timeout=self._left())
            except queue.Empty:
                break
            if message.get("method") == "textDocument/publishDiagnostics":
                if message["params"]["uri"] == path.as_uri():
                    said = message["params"]["diagnostics"]
                    if enough(said):
                        return said
        raise AssertionError(f"nothing enough within {SECONDS} s; last: {said}")

    def _request(self, method: str, **parameters: Any) -> None:
        self.number += 1
        wanted = self.number
        self._send({"id": wanted, "method": method, "params": parameters})
        while True:
            message = self.messages.get(timeout=self._left())
            if message.get("id") == wanted and "method" not in message:
                assert "error" not in message, message
                return

    def _left(self) -> float:
        return max(0.1, self.end - time.monotonic())

    def _tell(self, method: str, **parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            length = 0
            while line.strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                line = stream.readline()
            self.messages.put(json.loads(stream.read(length)))
