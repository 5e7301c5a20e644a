"""Small programs that stand in for `python -m ml finetune` and behave well or badly."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml.learning.chance import Evidence
from ml.learning.gate import advise, conclude
from ml.learning.off_policy import Estimate
from ml.learning.report import Figures, FinetuneReport, RatingCounts, Trait

# Every child begins so: the arguments as the real command takes them, and its two ways to speak.
_OPENING = """
import argparse, json, os, shutil, signal, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("base")
parser.add_argument("--ratings", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--json", action="store_true", required=True)
parser.add_argument("--progress", choices=["json"], required=True)
args = parser.parse_args()

def progress(phase, done, total, message=""):
    line = {"phase": phase, "done": done, "total": total, "message": message}
    print(json.dumps(line), file=sys.stderr, flush=True)

def answer(report):
    print(json.dumps(report), flush=True)
"""


def report(*, passed: bool = True, **changes: Any) -> dict[str, Any]:
    """The last line of a run; a rejected one fell at the condition of the like rate."""
    before = Figures(nats_per_symbol=1.75, like_rate=0.3, distinct_share=0.9)
    after = Figures(nats_per_symbol=1.76, like_rate=0.45 if passed else 0.28, distinct_share=0.88)
    evidence = Evidence(probability=0.998, z=3.0) if passed else Evidence(probability=0.61, z=1.5)
    estimate = Estimate(
        after.like_rate, after.like_rate - 0.1, after.like_rate + 0.1, 0.3, 0.9, effective=40.0
    )
    verdict = conclude(before, after, evidence, estimate)
    said = FinetuneReport(
        passed=passed,
        seconds=1.5,
        ratings=RatingCounts(total=60, likes=40, dislikes=20, names=60),
        before=before,
        after=after,
        gate=verdict,
        advice=advise(verdict, evidence, 60),
        samples_before=["Былан", "Евдота", "Мирата", "Тихон", "Ада", "Рюна"],
        samples_after=["Рома", "Варя", "Юра", "Рита", "Ира", "Мара"],
        traits=[
            Trait(kind="letter", value="р", before=0.33, after=0.71),
            Trait(kind="length", value="5", before=0.12, after=0.31),
            Trait(kind="last", value="н", before=0.2, after=0.1),
        ],
    )
    return said.model_dump(exclude_none=True) | changes


def command(folder: Path) -> Sequence[str]:
    """The command line of the child that stands in `folder`."""
    return (sys.executable, str(folder / "child.py"))


def child(folder: Path, body: str) -> Sequence[str]:
    """Make a child that runs `body` after the common opening; returns its command line."""
    (folder / "child.py").write_text(_OPENING + body, encoding="utf-8")
    return command(folder)


def succeeding(folder: Path, model: bytes) -> Sequence[str]:
    """A child that passes with `model`, which it was given beforehand."""
    learnt = folder / "learnt.safetensors"
    learnt.write_bytes(model)
    return child(
        folder,
        f"""
progress("prepare", 1, 1)
progress("train", 1, 2, "loss 0.7")
progress("train", 2, 2, "loss 0.6")
progress("gate", 3, 3)
shutil.copyfile({str(learnt)!r}, args.out)
answer({report()!r})
""",
    )


def rejected(folder: Path) -> Sequence[str]:
    """A child whose model does not pass the gate."""
    return child(folder, f"progress('gate', 3, 3)\nanswer({report(passed=False)!r})")


def waiting(folder: Path, *, deaf: bool = False) -> Sequence[str]:
    """A child that reports half of its training and then works for ever.

    It writes its process id to `child.pid` in `folder` first. A deaf one ignores SIGTERM.
    """
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if deaf else ""
    return child(
        folder,
        f"""
{ignore}
with open({str(folder / "child.pid")!r}, "w") as file:
    file.write(str(os.getpid()))
progress("train", 1, 2)
while True:
    time.sleep(0.1)
""",
    )


def dumping(folder: Path) -> Sequence[str]:
    """A child that writes down what it was started with, and then passes."""
    return child(
        folder,
        f"""
with open({str(folder / "started.json")!r}, "w") as file:
    json.dump({{
        "environment": dict(os.environ),
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "group": os.getpgid(0),
        "pid": os.getpid(),
        "mode": os.stat(os.path.dirname(args.out)).st_mode & 0o777,
        "seed": args.seed,
        "ratings": [json.loads(line) for line in open(args.ratings, encoding="utf-8")],
    }}, file)
shutil.copyfile(args.base, args.out)
answer({report()!r})
""",
    )


def started_with(folder: Path) -> Any:
    """What a `dumping` child wrote down."""
    return json.loads((folder / "started.json").read_text(encoding="utf-8"))
