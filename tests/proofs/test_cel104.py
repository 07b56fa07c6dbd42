from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from urllib.request import urlopen
    from celery import shared_task

    {before}

    @shared_task
    def sync(url):
        return len({call})
    """
DEEP = "def fetch(url):\n        return urlopen(url).read()"


@pytest.fixture
def silent() -> Iterator[tuple[str, socket.socket]]:
    """A server that takes connections and never answers: its URL and its socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", server


@pytest.mark.parametrize(("before", "call"), [("", "urlopen(url).read()"), (DEEP, "fetch(url)")])
def test_it_waits_as_long_as_the_server_likes(
    proof: Proof, silent: tuple[str, socket.socket], before: str, call: str
) -> None:
    module = proof.bad(SOURCE.format(before=before, call=call))
    url, server = silent
    with proof.worker():
        result = module.sync.delay(url)
        connection, _ = server.accept()
        assert proof.settle(result) == "PENDING", "the worker stands still"
        connection.close()  # at last
        state, error = proof.finish(result)
    assert state == "FAILURE"
    assert isinstance(error, (OSError, http.client.HTTPException))


def test_a_timeout_ends_it(proof: Proof, silent: tuple[str, socket.socket]) -> None:
    module = proof.good(SOURCE.format(before="", call="urlopen(url, timeout=0.2).read()"))
    with proof.worker():
        state, error = proof.finish(module.sync.delay(silent[0]))
    assert (state, type(error)) == ("FAILURE", TimeoutError)


def test_requests_has_no_timeout_of_its_own(silent: tuple[str, socket.socket]) -> None:
    requests = pytest.importorskip("requests")
    outcome: list[str] = []

    def get() -> None:
        with pytest.raises(requests.RequestException):
            requests.get(silent[0])
        outcome.append("over")

    thread = threading.Thread(target=get, daemon=True)
    thread.start()
    connection, _ = silent[1].accept()
    thread.join(0.5)
    assert not outcome
    connection.close()
    thread.join(5)
    assert outcome == ["over"]
