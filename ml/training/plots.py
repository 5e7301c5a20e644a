"""Pictures of training and of judging."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from ml.training.trainer import Curves


def plot_curves(curves: Curves, path: Path) -> None:
    """Draw the loss of training and of held-out names over the epochs, as PNG or SVG by suffix."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    epochs = range(1, len(curves.valid) + 1)
    axes.plot(epochs, curves.train, label="train (with dropout)", color="#9aa5b1")
    axes.plot(epochs, curves.valid, label="valid", color="#2563eb")
    best = min(range(len(curves.valid)), key=curves.valid.__getitem__)
    axes.plot(best + 1, curves.valid[best], "o", color="#2563eb")
    axes.annotate(
        f"{curves.valid[best]:.3f}",
        (best + 1, curves.valid[best]),
        textcoords="offset points",
        xytext=(0, -14),
        ha="center",
    )
    # The first epochs are far above the rest and would flatten what is of interest.
    interesting = sorted(curves.train + curves.valid)[: max(2, int(1.8 * len(curves.valid)))]
    axes.set_ylim(interesting[0] - 0.08, interesting[-1] + 0.08)
    axes.set_xlabel("epoch")
    axes.set_ylabel("nats per symbol")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def plot_confusion(counts: Sequence[Sequence[int]], labels: Sequence[str], path: Path) -> None:
    """Draw how many names of each label (rows) were taken for which (columns), PNG or SVG."""
    figure = Figure(figsize=(4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    # Shaded by the share of a row: the labels are not equally frequent.
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, (of_row, shaded) in enumerate(zip(counts, shares, strict=True)):
        for column, (count, share) in enumerate(zip(of_row, shaded, strict=True)):
            color = "white" if share > 0.5 else "black"
            text = f"{count}\n{share:.1%}"
            axes.text(column, row, text, ha="center", va="center", color=color)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("guessed")
    axes.set_ylabel("true")
    axes.spines[:].set_visible(False)
    figure.savefig(path, dpi=120)
