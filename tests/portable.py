"""Runs the tests that compute as other processors would: ``make portable``.

Processors differ in their vector instructions, and so in the order in which they add and in the
last digits of what they compute; training amplifies those. Each setting makes one library compute
as on an older x86-64 processor, or otherwise than here. That it does is looked at first, by a
regular expression for what a probe prints: a setting that a library passes over would prove
nothing. One library of torch and one of NumPy, which have no figures in common, are set together.
"""

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module

# The tests of strings, files, Telegram and the database have nothing to add up.
COMPUTING = ("tests/ml", "tests/bench", "tests/docs/test_guide.py", "tests/docs/test_notebook.py")
IDLE = ("tests/ml/dataset", "tests/ml/names", "tests/ml/test_cli.py")
# Nor have these, and they take long.
SLOW = (
    "tests/ml/test_lab.py::test_the_command_runs_the_quick_form",
    "tests/ml/test_lab.py::test_results_are_written_with_how_they_came_about",
    "tests/ml/networks/test_tbptt.py::test_memory_does_not_grow_with_the_text",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """Variables of the environment; when they are in force `probe` prints what `shows` finds."""

    title: str
    variables: Mapping[str, str]
    probe: str
    shows: str

    def found(self) -> str | None:
        """What the probe says of the setting; None where it is not in force."""
        environment = {**os.environ, **self.variables}
        said = _python(["-c", self.probe], environment).stdout
        match = re.search(self.shows, said, re.MULTILINE)
        return match[0] if match else None


ATEN = Setting(
    "torch without AVX",
    {"ATEN_CPU_CAPABILITY": "default"},
    "import torch; print(torch.backends.cpu.get_cpu_capability())",
    "^(DEFAULT|NO AVX)$",
)
MKL = Setting(
    "MKL with SSE2",
    {"MKL_CBWR": "COMPATIBLE"},
    "import torch; torch.backends.mkl.verbose(1).__enter__(); torch.ones(9, 9) @ torch.ones(9, 9)",
    "CNR:COMPATIBLE",
)
ONEDNN = Setting(
    "oneDNN with SSE4.1",
    {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    # Under inference torch's LSTM is oneDNN's, which then says what it found.
    "import torch; torch.inference_mode(True).__enter__();"
    "torch.backends.mkldnn.verbose(1).__enter__(); torch.nn.LSTM(8, 8)(torch.zeros(2, 2, 8))",
    "isa:Intel SSE4.1",
)
OPENBLAS = Setting(
    "OpenBLAS with SSE3",
    {"OPENBLAS_CORETYPE": "Prescott"},
    "import numpy, threadpoolctl as t;"
    "print(*(x['architecture'] for x in t.threadpool_info() if x['internal_api'] == 'openblas'))",
    "^(Prescott|Katmai)$",  # as a build calls the oldest of its kernels
)
ONE_THREAD = Setting(
    "one thread",
    dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    "import torch, numpy, threadpoolctl as t;"
    "print('threads', {x['num_threads'] for x in t.threadpool_info()} | {torch.get_num_threads()})",
    r"^threads \{1\}$",
)
JITTER = Setting(
    "jittered weights",
    {"PYTEST_ADDOPTS": "-p tests.jitter"},
    "import os, shlex, importlib, torch;"
    "importlib.import_module(shlex.split(os.environ['PYTEST_ADDOPTS'])[1]);"
    "weights = torch.ones(9, requires_grad=True); weights.grad = torch.zeros(9);"
    "torch.optim.SGD([weights], 1.0).step(); print(len({*weights.tolist()}), 'weights of one')",
    "^[2-9] weights of one$",
)


def numpy_baseline() -> Setting:
    """NumPy without what it would choose at run time: what that is depends on build and machine."""
    core = import_module("numpy._core._multiarray_umath")  # it has no types
    features = [name for name in core.__cpu_dispatch__ if core.__cpu_features__[name]]
    return Setting(
        "NumPy with its baseline",
        {"NPY_DISABLE_CPU_FEATURES": " ".join(features)},
        "from numpy._core import _multiarray_umath as core;"
        "print('beyond', [x for x in core.__cpu_dispatch__ if core.__cpu_features__[x]])",
        r"^beyond \[\]$",
    )


def runs() -> Iterator[tuple[Setting, ...]]:
    """The settings of each run."""
    if platform.machine() in ("x86_64", "AMD64"):
        yield ATEN, OPENBLAS
        yield MKL, numpy_baseline()
        yield ONEDNN, ONE_THREAD
    else:
        yield (ONE_THREAD,)
    yield (JITTER,)


def passes(settings: Sequence[Setting]) -> bool:
    """Whether all settings are in force and the tests pass; prints a line, or why not."""
    titles = " + ".join(setting.title for setting in settings)
    found = [setting.found() for setting in settings]
    if None in found:
        print(f"{titles}: FAILED, in force are only {found}", flush=True)
        return False
    environment = dict(os.environ)
    for setting in settings:
        environment |= setting.variables
    # The runs share a folder; each would write the cache of pytest there.
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *COMPUTING]
    arguments += [f"--ignore={path}" for path in IDLE] + [f"--deselect={test}" for test in SLOW]
    started = time.monotonic()
    result = _python(arguments, environment)
    verdict = f"passed in {time.monotonic() - started:.0f} s"
    if result.returncode:
        verdict = f"FAILED with {result.returncode}\n{result.stdout}{result.stderr}"
    print(f"{titles} ({', '.join(map(str, found))}): {verdict}", flush=True)
    return result.returncode == 0


def _python(
    arguments: list[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], env=environment, text=True, capture_output=True, check=False
    )


if __name__ == "__main__":
    with ThreadPoolExecutor(max(2, (os.cpu_count() or 2) // 2)) as pool:
        sys.exit(not all(list(pool.map(passes, runs()))))
