"""Pictures of training."""

from pathlib import Path

from matplotlib.figure import Figure

from ml.training import Curves


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
