"""The names of a batch as a tree of their beginnings, so that each is read but once.

Of 256 names a tenth begin with the same letter, and as long as two names have been the same, so
have their hidden states been. The nodes of the tree are the distinct prefixes, a level for each
length::

    level 0     start                  Анна, Анфиса, Ян
    level 1     А        Я
    level 2     Ан       Ян
    level 3     Анн      Анф
    ...

A batch has some two thirds as many prefixes as letters, and names that have ended leave no padding.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ml.corpora.sequences import Sequences


@dataclass(frozen=True, slots=True)
class PrefixTree:
    """The distinct prefixes of some names: start symbol, start symbol and a letter, and so on.

    `symbols` ``(nodes,)``: the last symbol of each prefix, level by level; `sizes`: how many
    prefixes each level has. `parents`, a tensor for each level: where in the level before the
    prefix without its last symbol stands, in rising order; none for the first level. `counts`
    ``(nodes, predicted)``: how many names have each symbol, or their end, after that prefix.
    """

    symbols: Tensor
    sizes: tuple[int, ...]
    parents: tuple[Tensor, ...]
    counts: Tensor

    def __len__(self) -> int:
        return len(self.symbols)


def grow_tree(names: Sequences, indices: Tensor, predicted: int) -> PrefixTree:
    """The tree of the names at `indices` ``(n,)``; a name that comes twice counts twice."""
    symbols = names.symbols[indices].numpy()  # (names, longest + 2)
    order = np.lexsort(symbols.T[::-1])
    symbols, lengths = symbols[order], names.lengths[indices].numpy()[order]
    levels = int(lengths.max())
    alive = np.arange(levels) < lengths[:, None]  # (names, levels): has a prefix so long
    # In this order the names of one prefix follow each other, so each is new just once.
    new = np.ones_like(alive)
    new[1:] = np.logical_or.accumulate(symbols[1:, :levels] != symbols[:-1, :levels], axis=1)
    new &= alive
    within = np.cumsum(new, axis=0) - 1  # of each name's prefix, in its level
    sizes = new.sum(axis=0)
    firsts = np.cumsum(sizes) - sizes
    parents = [within[new[:, level], level - 1] for level in range(1, levels)]
    node = (firsts + within)[alive]
    counts = np.bincount(
        node * predicted + symbols[:, 1 : levels + 1][alive], minlength=sizes.sum() * predicted
    )
    return PrefixTree(
        torch.from_numpy(symbols[:, :levels].T[new.T]),
        tuple(sizes.tolist()),
        (torch.empty(0, dtype=torch.int64), *map(torch.from_numpy, parents)),
        torch.from_numpy(counts.reshape(-1, predicted).astype(np.float32)),
    )
