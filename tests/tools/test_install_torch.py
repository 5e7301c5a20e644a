"""Whose torch is installed, and that nothing on the way to its index can stop the setup."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import torch

from tools.install_torch import CPU_INDEX, answers, install, is_installed, pinned_torch


class Attempts:
    """Stands for pip and the network; remembers which indexes were asked, and for what."""

    def __init__(self, answers: bool = True, installs: bool = True) -> None:
        self.asked: list[str] = []
        self.installed: list[str] = []
        self._answers = answers
        self._installs = installs

    def answers(self, index: str) -> bool:
        self.asked.append(index)
        return self._answers

    def installs(self, torch: str, index: str) -> bool:
        self.installed.append(f"{torch} from {index}")
        return self._installs


def outcome(
    attempts: Attempts,
    index: str | None = None,
    *,
    platform: str = "linux",
    gpu: bool = False,
) -> str:
    return install(
        "1.2.3",
        {} if index is None else {"TORCH_INDEX": index},
        platform=platform,
        has_gpu=lambda: gpu,
        answers=attempts.answers,
        installs=attempts.installs,
    )


def test_linux_without_a_gpu_gets_the_cpu_build() -> None:
    attempts = Attempts()
    assert outcome(attempts) == f"the CPU build, from {CPU_INDEX}"
    assert attempts.asked == [CPU_INDEX]
    assert attempts.installed == [f"1.2.3 from {CPU_INDEX}"]


@pytest.mark.parametrize(
    ("platform", "gpu", "index"),
    [("darwin", False, None), ("linux", True, None), ("linux", False, "")],
)
def test_where_it_makes_no_difference_or_is_unwanted_nothing_is_asked(
    platform: str, gpu: bool, index: str | None
) -> None:
    attempts = Attempts()
    assert outcome(attempts, index, platform=platform, gpu=gpu).startswith("left to pip")
    assert not attempts.asked
    assert not attempts.installed


def test_an_index_that_is_silent_or_fails_leaves_torch_to_pip() -> None:
    silent, failing = Attempts(answers=False), Attempts(installs=False)
    assert "does not answer" in outcome(silent)
    assert not silent.installed
    assert "did not give it" in outcome(failing)


def test_an_index_that_was_asked_for_is_used_or_the_setup_fails() -> None:
    attempts = Attempts(answers=False)
    assert outcome(attempts, "https://mirror", gpu=True) == "installed from https://mirror"
    assert attempts.installed == ["1.2.3 from https://mirror"]
    with pytest.raises(SystemExit, match="TORCH_INDEX=https://mirror gave no torch"):
        outcome(Attempts(installs=False), "https://mirror")


def test_the_pinned_version_is_known_installed_whatever_its_build() -> None:
    assert pinned_torch() == torch.__version__.partition("+")[0]
    assert is_installed(pinned_torch())
    assert not is_installed("0.0.1")


@pytest.fixture(autouse=True)
def without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@contextmanager
def index_that_answers(status: int) -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/cpu/torch/" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/cpu"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "expected"), [(200, True), (403, False), (503, False)])
def test_only_a_page_is_an_answer(status: int, expected: bool) -> None:
    with index_that_answers(status) as index:
        assert answers(index) is expected


def test_an_index_that_accepts_and_says_nothing_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not answers(f"http://127.0.0.1:{server.getsockname()[1]}", seconds=0.05)


@pytest.mark.parametrize("index", ["http://127.0.0.1:1", "nonsense"])
def test_an_index_that_cannot_be_reached_does_not_answer(index: str) -> None:
    assert not answers(index)
