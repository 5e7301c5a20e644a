"""Runs the tests that compute as another processor would: ``make portable``.

Processors differ in their vector instructions, and so in the order in which they add and in the
last digits of what they compute; training amplifies those. Each setting makes one library compute
as on an older x86-64 processor. That it does is looked at first, by a regular expression for what
a probe prints: a setting that a library passes over would prove nothing.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

# The tests of strings, files, Telegram and the database have nothing to add up.
COMPUTING = ("tests/ml", "tests/bench", "tests/docs/test_guide.py", "tests/docs/test_notebook.py")
IDLE = ("tests/ml/dataset", "tests/ml/names", "tests/ml/test_cli.py")


@dataclass(frozen=True, slots=True)
class Setting:
    """Variables of the environment; when they are in force `probe` prints what `shows` finds."""

    title: str
    variables: Mapping[str, str]
    probe: str
    shows: str


def settings() -> Iterator[Setting]:
    """One a library, then one thread."""
    yield Setting(
        "torch without AVX",
        {"ATEN_CPU_CAPABILITY": "default"},
        "import torch; print(torch.backends.cpu.get_cpu_capability())",
        "^(DEFAULT|NO AVX)$",
    )
    yield Setting(
        "oneDNN with SSE4.1",
        {"ONEDNN_MAX_CPU_ISA": "SSE41"},
        # Under inference torch's LSTM is oneDNN's, which then says what it found.
        "import torch; torch.inference_mode(True).__enter__();"
        "torch.backends.mkldnn.verbose(1).__enter__(); torch.nn.LSTM(8, 8)(torch.zeros(2, 2, 8))",
        "isa:Intel SSE4.1",
    )
    yield Setting(
        "OpenBLAS with SSE3",
        {"OPENBLAS_CORETYPE": "Prescott"},
        "import numpy, threadpoolctl; print(threadpoolctl.threadpool_info())",
        "'architecture': '(Prescott|Katmai)'",  # as a build calls the oldest of its kernels
    )
    core = import_module("numpy._core._multiarray_umath")  # it has no types
    features = [name for name in core.__cpu_dispatch__ if core.__cpu_features__[name]]
    yield Setting(
        "NumPy with its baseline",
        {"NPY_DISABLE_CPU_FEATURES": " ".join(features)},
        "from numpy._core import _multiarray_umath as core;"
        "print([x for x in core.__cpu_dispatch__ if core.__cpu_features__[x]])",
        r"^\[\]$",
    )
    yield Setting(
        "one thread",
        dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        "import torch, numpy, threadpoolctl as t;"
        "print({x['num_threads'] for x in t.threadpool_info()} | {torch.get_num_threads()})",
        r"^\{1\}$",
    )


def main() -> int:
    """Run every setting; the number of those that failed."""
    failed = []
    for setting in settings():
        started = time.monotonic()
        environment = {**os.environ, **setting.variables}
        said = _python(["-c", setting.probe], environment, capture=True).stdout
        if not re.search(setting.shows, said, re.MULTILINE):
            print(f"{setting.title}: not in force, the probe says {said.strip()!r}")
            failed.append(setting.title)
            continue
        arguments = ["-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *COMPUTING]
        ignored = [f"--ignore={path}" for path in IDLE]
        result = _python([*arguments, *ignored], environment)
        verdict = "passed" if result.returncode == 0 else "FAILED"
        print(f"{setting.title}: {verdict} in {time.monotonic() - started:.0f} s", flush=True)
        if result.returncode:
            failed.append(setting.title)
    return len(failed)


def _python(
    arguments: list[str], environment: Mapping[str, str], *, capture: bool = False
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        text=True,
        capture_output=capture,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
