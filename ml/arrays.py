"""The kinds of NumPy arrays that the rooms hand to each other."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]
Symbols: TypeAlias = npt.NDArray[np.int64]
