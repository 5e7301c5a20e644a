"""The experiments by name, and running them."""

import time
from collections.abc import Sequence
from pathlib import Path

import torch

from ml.lab import carry, cells, decoding, gradients, tilt, truncation
from ml.lab.experiment import Experiment, Material, Scale
from ml.lab.names import ExperimentName
from ml.lab.report import Run, write_findings, write_index
from ml.names.records import SPLITS
from ml.progress import Report

EXPERIMENTS: dict[ExperimentName, Experiment] = {
    ExperimentName.carry: carry.run,
    ExperimentName.truncation: truncation.run,
    ExperimentName.gradients: gradients.run,
    ExperimentName.cells: cells.run,
    ExperimentName.decoding: decoding.run,
    ExperimentName.tilt: tilt.run,
}


def run_experiments(
    names: Sequence[ExperimentName],
    material: Material,
    scale: Scale,
    out: Path,
    command: str,
    report: Report,
) -> None:
    """Run experiments one by one and write their results to the folder `out`, made if missing.

    From here on PyTorch uses one thread: times are compared, and networks this small lose more by
    waiting for a second thread than it does for them.

    Raises:
        ModelFileError: the model to be decoded from is missing or damaged.
        TooLittleData: a split is empty.
        OSError: the results cannot be written.
    """
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    run = Run(command, scale, {split: len(material.part(split)) for split in SPLITS})
    for name in names:
        started = time.process_time()
        findings = EXPERIMENTS[name](material, scale, report)
        write_findings(findings, name, time.process_time() - started, run, out)
        # After each, so that a run cut short leaves a folder that describes itself.
        write_index([*ExperimentName], run, out)
