"""Installs torch without GPU libraries where nothing here could use them.

On Linux PyPI's torch brings several GB of them; PyTorch keeps its CPU builds in an index of their
own. From there comes torch alone: what it depends on, and torch itself where this script installed
none, comes with the ``pip install`` of the project, which must follow.

The environment variable TORCH_INDEX names another index, from which it then must come; empty, it
leaves torch to pip.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.request import urlopen

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def pinned_torch(project: Path = PROJECT) -> str:
    """The one version of torch that the project takes."""
    dependencies = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    (pinned,) = (line for line in dependencies if line.startswith("torch=="))
    return str(pinned).removeprefix("torch==")


def is_installed(wanted: str) -> bool:
    """Whether this Python has that version of torch, of whatever build."""
    try:
        return version("torch").partition("+")[0] == wanted
    except PackageNotFoundError:
        return False


def has_nvidia_gpu() -> bool:
    """Whether NVIDIA's driver is installed; it brings this program."""
    return shutil.which("nvidia-smi") is not None


def answers(index: str, seconds: float = 5.0) -> bool:
    """Whether the index shows its page of torch within that time.

    In a thread, because looking up a host's name knows no time limit.
    """
    answered = threading.Event()

    def ask() -> None:
        with contextlib.suppress(Exception), urlopen(f"{index}/torch/", timeout=seconds):  # noqa: S310
            answered.set()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return answered.is_set()


def pip_installs(torch: str, index: str) -> bool:
    """Install that version from that index alone; whether it went well."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command = [*pip, "--no-deps", "--index-url", index, f"torch=={torch}"]
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603


def install(
    torch: str,
    environment: Mapping[str, str] = os.environ,
    *,
    platform: str = sys.platform,
    has_gpu: Callable[[], bool] = has_nvidia_gpu,
    answers: Callable[[str], bool] = answers,
    installs: Callable[[str, str], bool] = pip_installs,
) -> str:
    """Install torch, or leave it to pip; returns what was done.

    Raises:
        SystemExit: when the index that the environment names does not give it.
    """
    asked = environment.get("TORCH_INDEX")
    if asked:
        if not installs(torch, asked):
            raise SystemExit(f"TORCH_INDEX={asked} gave no torch {torch}, see above.")
        return f"installed from {asked}"
    if asked == "":
        return "left to pip, as TORCH_INDEX says"
    if platform != "linux":
        return "left to pip, which finds a CPU build for this system"
    if has_gpu():
        return "left to pip, because of the NVIDIA GPU"
    if not answers(CPU_INDEX):
        return f"left to pip, because {CPU_INDEX} does not answer"
    if not installs(torch, CPU_INDEX):
        return f"left to pip, because {CPU_INDEX} did not give it"
    return f"the CPU build, from {CPU_INDEX}"


if __name__ == "__main__":
    wanted = pinned_torch()
    if not is_installed(wanted):
        print(f"torch {wanted}: {install(wanted)}", flush=True)
