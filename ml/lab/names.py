"""The names of the experiments, apart from their code: known without loading it."""

from enum import StrEnum


class ExperimentName(StrEnum):
    """What ``python -m ml lab`` takes; also the stem of the result's files."""

    carry = "carry"
    truncation = "truncation"
    gradients = "gradients"
    cells = "cells"
    decoding = "decoding"
    tilt = "tilt"
