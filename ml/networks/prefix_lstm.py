"""An LSTM that reads a tree of prefixes, with its gradient derived by hand.

What `torch.nn.LSTM` computes for every letter of every name is computed for every prefix here,
once. The equations are those of `ml.networks.cells.LSTM`; p is the prefix without its last symbol,
which is x::

    (i, f, g, o) = W_hh h_p + T_x        T_x = W_ih e_x + b_ih + b_hh, one row for each symbol
    c = σ(f) ⊙ c_p + σ(i) ⊙ tanh(g)
    h = σ(o) ⊙ tanh(c)

Three things make it fast where a graph made by autograd would not be. The product with W_hh is
taken of the parents, which are fewer than their children. The gradient of W_hh is one product for
all levels. And what a gate's gradient owes to the gate itself is computed for all nodes at once;
only what comes from the level after has to wait for it.

Throughout tanh(z) = 2 σ(2z) - 1, since torch takes several times as long for tanh; the rows of g
are doubled beforehand.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from ml.networks.prefix_tree import PrefixTree

# Levels and trees are of all sizes, and oneDNN makes a kernel for each that it meets, which takes
# longer than to run it. Rounded up they are few.
_LEVELS_ROUNDED_TO = 32
_TREES_ROUNDED_TO = 128


def prefix_lstm(tree: PrefixTree, table: Tensor, weight_hh: Tensor) -> Tensor:
    """The hidden state ``(nodes, hidden)`` after each prefix, starting from zeros.

    `table` ``(read, 4 * hidden)`` is what each symbol adds to the gates, in the order of
    `torch.nn.LSTM`; `weight_hh` ``(4 * hidden, hidden)``. Under autocast products are of its type
    and so is the result; everything else stays in the type of `table`.
    """
    product_type = (
        torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else table.dtype
    )
    outputs: Tensor = _PrefixLSTM.apply(tree, table, weight_hh, product_type)  # type: ignore[no-untyped-call]
    return outputs


def rounded_up(rows: Tensor) -> Tensor:
    """`rows` ``(nodes, n)`` with rows of zeros after them, so that products of trees are alike."""
    return functional.pad(rows, (0, 0, 0, -len(rows) % _TREES_ROUNDED_TO))


class _PrefixLSTM(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, tree: PrefixTree, table: Tensor, weight_hh: Tensor, product_type: torch.dtype
    ) -> Tensor:
        hidden = weight_hh.shape[1]
        scale = torch.ones(4, hidden, 1, dtype=table.dtype)
        scale[2] = 2
        scale = scale.view(4 * hidden, 1)
        weight = (weight_hh * scale).to(product_type)
        gates = (table * scale.t()).index_select(0, tree.symbols)
        c = gates.new_empty(len(tree), hidden)
        squashed_c = torch.empty_like(c)  # σ(2c)
        outputs = torch.empty_like(c, dtype=product_type)
        # The hidden states once more, each level rounded up by rows of zeros.
        padded = [outputs.new_zeros(_rounded(size), hidden) for size in tree.sizes]
        before = slice(0)
        for level, nodes in enumerate(_levels(tree)):
            of_level, c_now = gates[nodes], c[nodes]
            if level:
                from_parents = padded[level - 1] @ weight.t()
                of_level += from_parents.index_select(0, tree.parents[level])
            i, f, g, o = of_level.sigmoid_().view(-1, 4, hidden).unbind(1)
            torch.addcmul(-i, i, g, value=2, out=c_now)
            if level:
                c_now.addcmul_(f, c[before].index_select(0, tree.parents[level]))
            squashed = torch.add(c_now, c_now, out=squashed_c[nodes]).sigmoid_()
            outputs[nodes] = torch.addcmul(-o, o, squashed, value=2)
            padded[level][: len(c_now)] = outputs[nodes]
            before = nodes
        ctx.tree, ctx.read = tree, len(table)
        ctx.save_for_backward(weight, scale, gates, c, squashed_c, torch.cat(padded[:-1] or padded))
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, by_outputs: Tensor) -> tuple[None, Tensor, Tensor, None]:
        tree: PrefixTree = ctx.tree
        weight, scale, gates, c, squashed_c, hidden_states = ctx.saved_tensors
        hidden = weight.shape[1]
        i, f, g, o = gates.view(-1, 4, hidden).unbind(1)
        # By the pre-activations, as far as one node goes: of c those of i, f and g, of h that of o.
        by_gates = torch.addcmul(gates, gates, gates, value=-1)
        by_i, by_f, by_g, by_o = by_gates.view(-1, 4, hidden).unbind(1)
        tanh_c = 2 * squashed_c - 1
        by_i *= 2 * g - 1
        by_g *= 2 * i
        by_o *= tanh_c
        h_by_c = torch.addcmul(o, o * tanh_c, tanh_c, value=-1)

        by_h = by_outputs.to(c.dtype, copy=True)
        by_c = torch.zeros(())
        levels = _levels(tree)
        by_products: list[Tensor] = []
        for level in reversed(range(len(levels))):
            nodes, size = levels[level], tree.sizes[level]
            by_c = by_c + by_h[nodes] * h_by_c[nodes]
            of_level = by_gates[nodes].view(-1, 4, hidden)
            of_level[:, :3] *= by_c[:, None]
            of_level[:, 3] *= by_h[nodes]
            if not level:
                by_f[nodes] = 0  # nothing to forget yet
                break
            parents, above = tree.parents[level], levels[level - 1]
            of_level[:, 1] *= c[above].index_select(0, parents)
            # Siblings follow each other: their gradients add up in their parent.
            first_child = torch.searchsorted(parents, torch.arange(tree.sizes[level - 1]))
            children = torch.arange(size)
            by_c = functional.embedding_bag(children, by_c * f[nodes], first_child, mode="sum")
            by_product = weight.new_zeros(_rounded(len(first_child)), 4 * hidden)
            by_product[: len(first_child)] = functional.embedding_bag(
                children, by_gates[nodes], first_child, mode="sum"
            )
            by_h[above] += (by_product @ weight)[: len(first_child)]
            by_products.insert(0, by_product)
        by_weight = c.new_zeros(4 * hidden, hidden)
        if by_products:
            by_weight = _sum_of_products(torch.cat(by_products), hidden_states).to(c.dtype) * scale
        return None, _by_symbol(tree, by_gates, weight.dtype, ctx.read) * scale.t(), by_weight, None


def _by_symbol(tree: PrefixTree, rows: Tensor, product_type: torch.dtype, read: int) -> Tensor:
    """The sum of the `rows` ``(nodes, n)`` of each symbol: ``(read, n)``, by a product."""
    which = functional.one_hot(tree.symbols, read).to(product_type)
    return _sum_of_products(which, rows.to(product_type)).to(rows.dtype)


def _sum_of_products(left: Tensor, right: Tensor) -> Tensor:
    """``(n, m)``: the products of each row of `left` ``(rows, n)`` with that of `right`, summed."""
    return rounded_up(left).t() @ rounded_up(right)


def _levels(tree: PrefixTree) -> list[slice]:
    """Which nodes each level has."""
    ends = torch.tensor(tree.sizes).cumsum(0).tolist()
    return [slice(end - size, end) for end, size in zip(ends, tree.sizes, strict=True)]


def _rounded(size: int) -> int:
    return -(-size // _LEVELS_ROUNDED_TO) * _LEVELS_ROUNDED_TO
