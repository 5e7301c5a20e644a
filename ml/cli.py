"""``python -m ml`` and its commands, in the order in which ``--help`` shows them."""

import typer

from ml.commands.dataset import dataset
from ml.commands.evaluate import evaluate
from ml.commands.finetune import finetune
from ml.commands.gender import gender
from ml.commands.lab import lab
from ml.commands.sample import sample
from ml.commands.train import train

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Train a char-LSTM on names, ask it for new ones, teach it by ratings.",
)
for command in (dataset, train, evaluate, sample, finetune, gender, lab):
    app.command()(command)
