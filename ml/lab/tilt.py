"""Learning what is liked: a tilt, exact and taught, and two ways to teach it.

People with a known taste rate names of the shipped model; the tilt towards what they like is known
of any name that the model wrote, and a small network is taught it. In one way it learns the values
of beginnings, as `ml.learning.tilt` does; in the other it raises the likelihood of what is liked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ml.arrays import Doubles
from ml.corpora.sequences import IGNORED
from ml.lab.experiment import Findings, Material, Scale, over_seeds
from ml.lab.figures import COLORS, label, means, panels, spreads
from ml.lab.tables import Column, Measured, Table, Value
from ml.learning.real_names import gather_real_names
from ml.learning.tilt import CONFIG, Samples, louder, loudest, steepest, teach
from ml.models.checkpoint import load_model
from ml.models.model import NameModel, TasteNetwork
from ml.names.alphabet import Start
from ml.names.records import fold
from ml.networks.network import NameNetwork, weights_of
from ml.progress import Report
from ml.scoring.scorer import Scorer
from ml.taste.cross_fitting import folds_of
from ml.taste.reward import CrossFitted, Votes, cross_fit
from ml.training.step import one_cycle, take_step
from ml.writing.generator import DEFAULT_SETTINGS, NameRequest, matching_starts
from ml.writing.sampling import Sampler, SamplingSettings

_RATINGS = 300
_SLIPS = 0.15
_DRIFT = 0.027
# As `ml.learning.tilt` teaches.
_BATCH, _LEARNING_RATE = 256, 8e-3
_PASSES = (2, 10)
_LENGTHS = range(3, 10)
_TEMPERATURES = (1.0, DEFAULT_SETTINGS.temperature)


@dataclass(frozen=True, slots=True)
class Lessons:
    """Cross-entropy of what was taught, less the base's, in nats a name of the tilt.

    On names that were learnt from (`seen`) and on others; the least that is possible is `ideal`.
    """

    seen: dict[str, float]
    unseen: dict[str, float]
    ideal: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tilted:
    """What the base writes, what its exact tilt would and what the taught model does.

    Like rates are true ones, by temperature: of base, tilt and taught. Shares of `lengths` are at
    the bot's temperature.
    """

    like_rates: dict[float, tuple[float, float, float]]
    log_odds: tuple[Doubles, Doubles, Doubles]  # before, the weights of the tilt, after
    lengths: tuple[Doubles, Doubles]


def run(material: Material, scale: Scale, report: Report) -> Findings:
    """Let people rate, find the tilt and teach it.

    Raises:
        ModelFileError: there is no model to learn with.
    """
    base = replace(load_model(material.model), taste=None)

    def measure(_: None, seed: int) -> tuple[Lessons, Tilted]:
        return _measure(base, material, 2 * scale.samples, seed)

    (measured,) = over_seeds(measure, [None], scale, report, "tilt")
    lessons, tilted = [one for one, _ in measured], [other for _, other in measured]
    return Findings(
        title="Наклон к тому, что нравится",
        about=(
            f"Людям нравятся имена, в которых есть «р» и не больше шести букв; они оценили"
            f" {_RATINGS} имён модели из поставки, и {_SLIPS:.0%} оценок ошибочны. По ним модель"
            " вознаграждения предсказывает, понравится ли любое имя, а наклон делает вероятнее те,"
            " что понравятся. Точный наклон получен взвешиванием имён, написанных моделью;"
            " выученный пишет маленькая сеть рядом с моделью."
            f" Учили её на {2 * scale.samples} именах; доли считаны по настоящему вкусу."
            f" Оба наклона стоят настоящим именам не больше {_DRIFT} ната на символ."
            " Перекрёстная энтропия: во сколько натов на имя обходится наклон, если описывать его"
            " выученным, за вычетом того же по неизменной модели; меньше 0 значит лучше неё."
        ),
        tables={"tilt": _liked(tilted), "tilt-teaching": _taught(lessons)},
        figure=_draw(lessons, tilted),
    )


def is_liked(name: str) -> bool:
    """The taste of all these people."""
    return "р" in fold(name) and len(name) <= 6


def _measure(base: NameModel, material: Material, count: int, seed: int) -> tuple[Lessons, Tilted]:
    rng = np.random.default_rng([seed, 1])
    wanted = matching_starts(base.alphabet, NameRequest())
    names, starts = _write(base, wanted, _RATINGS, DEFAULT_SETTINGS.temperature, rng)
    values = np.where(_liked_of(names) != (rng.random(len(names)) < _SLIPS), 1.0, -1.0)
    votes = Votes(names, values, np.ones(len(names)), np.zeros(len(names), dtype=np.intp))
    reward = cross_fit(votes, folds_of(names, 5))
    real = gather_real_names(base, names, material.records, seed)
    seen = Samples.of(base, starts, seed=seed, count=count)
    unseen = Samples.of(base, starts, seed=1_000 + seed, count=count)
    watched = real.watched.encode(base.alphabet)
    symbols = float(watched.lengths.double().mean())
    of_real = reward.model.like_rates(real.watched.names)
    concerned = _given(seen) > 0
    slope = steepest(reward.model.like_rates(seen.names)[concerned], of_real, symbols, _DRIFT)
    weights = _log_weights(seen, reward, slope)
    taste = teach(base, seen, weights, seed=seed)
    lessons = _learn(base, seen, unseen, reward, slope, taste, seed)
    factor = loudest(base, taste, watched, _DRIFT)
    model = replace(base, taste=louder(taste, factor))
    return lessons, _compare(base, model, reward, slope, wanted, count, rng)


def _given(samples: Samples) -> Doubles:
    return samples.after({start for start in samples.starts if start.kind in ("given", None)})


def _write(
    model: NameModel,
    wanted: Sequence[Start],
    count: int,
    temperature: float,
    rng: np.random.Generator,
) -> tuple[list[str], list[Start]]:
    shares = model.shares[[model.alphabet.starts.index(start) for start in wanted]]
    settings, sampler = SamplingSettings(temperature=temperature), Sampler(model)
    written = [
        sample
        for start, some in zip(wanted, rng.multinomial(count, shares / shares.sum()), strict=True)
        for sample in sampler.sample("", [start], int(some), settings, rng)
    ]
    return [each.name for each in written], [each.start for each in written]


def _liked_of(names: Sequence[str]) -> Doubles:
    return np.array([float(is_liked(name)) for name in names])


def _log_weights(samples: Samples, reward: CrossFitted, slope: float) -> Doubles:
    """Of given names, relative to their mean; of others 0, as they are not concerned."""
    rewards, concerned = reward.model.like_rates(samples.names), _given(samples)
    within = slope * rewards[concerned > 0]
    return np.asarray(
        concerned * (slope * rewards - np.logaddexp.reduce(within) + np.log(len(within)))
    )


def _learn(
    base: NameModel,
    seen: Samples,
    unseen: Samples,
    reward: CrossFitted,
    slope: float,
    taste: TasteNetwork,
    seed: int,
) -> Lessons:
    weights = _log_weights(seen, reward, slope)
    tastes = {
        **{
            f"правдоподобие понравившегося, проходов: {passes}": _raise_likelihood(
                base, seen, np.exp(weights), passes, taste, seed
            )
            for passes in _PASSES
        },
        "значения начал": taste,
    }
    parts = [(each, _log_weights(each, reward, slope)) for each in (seen, unseen)]
    of_seen, of_unseen = (
        {title: _cross_entropy(base, each, part, logs) for title, each in tastes.items()}
        for part, logs in parts
    )
    ideal = [-_mean_of_given(part, np.exp(logs) * logs) for part, logs in parts]
    return Lessons(of_seen, of_unseen, (ideal[0], ideal[1]))


def _cross_entropy(
    base: NameModel, taste: TasteNetwork, samples: Samples, log_weights: Doubles
) -> float:
    starts = [base.alphabet.starts.index(start) for start in samples.starts]
    gained = taste.starts[starts] + (
        Scorer.of(replace(base, taste=taste)).names(samples.sequences)
        - Scorer.of(base).names(samples.sequences)
    ).numpy().astype(np.float64)
    return -_mean_of_given(samples, np.exp(log_weights) * gained)


def _mean_of_given(samples: Samples, of_names: Doubles) -> float:
    return float(np.average(of_names, weights=_given(samples)))


def _raise_likelihood(
    base: NameModel,
    samples: Samples,
    weights: Doubles,
    passes: int,
    taught: TasteNetwork,
    seed: int,
) -> TasteNetwork:
    """The same network on the same names, taught by their weighted likelihood; `taught` has the
    values of start symbols, which are counted and not learnt."""
    generator = torch.Generator().manual_seed(seed)
    alphabet, sequences = base.alphabet, samples.sequences
    torch.manual_seed(seed)
    network = NameNetwork(CONFIG, read=alphabet.read, predicted=alphabet.predicted)
    torch.nn.init.zeros_(network.output.weight)
    torch.nn.init.zeros_(network.output.bias)
    scorer, rows = Scorer.of(base), torch.arange(len(sequences))
    by_base = torch.zeros(sequences.symbols.shape[1] - 1, len(rows), alphabet.predicted)
    for some in torch.split(rows, _BATCH):
        written = scorer.distributions(sequences, some)
        by_base[: len(written), some] = written
    of_names = torch.from_numpy(weights).float()
    optimizer = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
    batches = [
        some
        for _ in range(passes)
        for some in torch.split(torch.randperm(len(rows), generator=generator), _BATCH)
    ]
    for step, some in enumerate(batches):
        inputs, targets = sequences.batch(some)
        values, _ = network(inputs)
        log_probs = torch.log_softmax(by_base[: len(targets), some] + values, dim=-1)
        came = targets.masked_fill(targets == IGNORED, 0).unsqueeze(-1)
        log_prob = log_probs.gather(-1, came).squeeze(-1) * (targets != IGNORED)
        loss = -(of_names[some] * log_prob).sum() / (targets != IGNORED).sum()
        torch.autograd.backward(loss)
        take_step(optimizer, _LEARNING_RATE * one_cycle((step + 0.5) / len(batches)))
    return TasteNetwork(CONFIG, weights_of(network), taught.starts)


def _compare(
    base: NameModel,
    model: NameModel,
    reward: CrossFitted,
    slope: float,
    wanted: Sequence[Start],
    count: int,
    rng: np.random.Generator,
) -> Tilted:
    like_rates: dict[float, tuple[float, float, float]] = {}
    for temperature in _TEMPERATURES:
        before, after = (_write(each, wanted, count, temperature, rng)[0] for each in (base, model))
        rates, liked = reward.model.like_rates(before), _liked_of(before)
        weights = np.exp(slope * rates / temperature)
        like_rates[temperature] = (
            float(liked.mean()),
            float(np.average(liked, weights=weights)),
            float(_liked_of(after).mean()),
        )
        if temperature == 1.0:
            odds = _log_odds(rates), weights, _log_odds(reward.model.like_rates(after))
        lengths = _shares_of_lengths(before), _shares_of_lengths(after)
    return Tilted(like_rates, odds, lengths)


def _log_odds(rates: Doubles) -> Doubles:
    return np.asarray(np.log(rates / (1 - rates)))


def _shares_of_lengths(names: Sequence[str]) -> Doubles:
    held = [min(max(len(name), _LENGTHS[0]), _LENGTHS[-1]) for name in names]
    return np.array([held.count(length) / len(held) for length in _LENGTHS])


def _liked(tilted: Sequence[Tilted]) -> Table:
    rows: list[tuple[Value, ...]] = []
    for place, title in enumerate(("база", "точный наклон", "выученный наклон")):
        rates = (
            Measured(tuple(one.like_rates[temperature][place] for one in tilted))
            for temperature in _TEMPERATURES
        )
        rows.append((title, *rates))
    return Table(
        "Доля имён, которые нравятся",
        (
            Column("чьи имена"),
            *(Column(f"нравится при T = {temperature:g}") for temperature in _TEMPERATURES),
        ),
        tuple(rows),
    )


def _taught(lessons: Sequence[Lessons]) -> Table:
    rows = [
        (
            title,
            Measured(tuple(one.seen[title] for one in lessons)),
            Measured(tuple(one.unseen[title] for one in lessons)),
        )
        for title in lessons[0].seen
    ]
    ideals = (Measured(tuple(one.ideal[place] for one in lessons)) for place in (0, 1))
    return Table(
        "Чему учить: перекрёстная энтропия, нат на имя, за вычетом базы",
        (
            Column("чему учили"),
            Column("на виденных именах", ".3f"),
            Column("на невиденных именах", ".3f"),
        ),
        (*rows, ("точный наклон", *ideals)),
    )


def _draw(lessons: Sequence[Lessons], tilted: Sequence[Tilted]) -> Figure:
    figure, axes = panels(3, width=4.9, height=4.4)
    _draw_log_odds(axes[0], tilted[0])
    before, after = (
        [Measured(tuple(one.lengths[side][k] for one in tilted)) for k in range(len(_LENGTHS))]
        for side in (0, 1)
    )
    places = np.arange(len(_LENGTHS))
    for offset, shares, color, title in (
        (-0.2, before, COLORS[5], "до"),
        (0.2, after, COLORS[0], "после"),
    ):
        axes[1].bar(
            places + offset, means(shares), 0.4, yerr=spreads(shares), color=color, label=title,
            error_kw={"lw": 1}, capsize=2,
        )  # fmt: skip
    axes[1].set_xticks(places, [f"{n}+" if n == _LENGTHS[-1] else str(n) for n in _LENGTHS])
    axes[1].legend(frameon=False)
    label(axes[1], f"Длина имён при T = {_TEMPERATURES[1]:g}", "букв", "доля имён")
    _draw_lessons(axes[2], _taught(lessons))
    return figure


def _draw_log_odds(plot: Axes, tilted: Tilted) -> None:
    before, weights, after = tilted.log_odds
    least, most = np.percentile(np.concatenate([before, after]), [0.5, 99.5])
    bins = np.linspace(float(least), float(most), 30).tolist()
    plot.hist(before, bins, density=True, color=COLORS[5], alpha=0.45, label="база p")
    plot.hist(
        before, bins, weights=weights, density=True, histtype="step", lw=2, color=COLORS[3],
        label="точный наклон p·exp(a·r)/Z",
    )  # fmt: skip
    plot.hist(
        after, bins, density=True, histtype="step", lw=2, color=COLORS[0], label="выученный наклон"
    )
    plot.set_ylim(top=1.25 * plot.get_ylim()[1])
    plot.legend(frameon=False, fontsize=8.5, loc="upper left")
    label(plot, "Имена до и после, T = 1", "нравится: предсказанный логарифм шансов", "плотность")


def _draw_lessons(plot: Axes, table: Table) -> None:
    titles = [str(row[0]).replace(", ", ",\n") for row in table.rows]
    places = np.arange(len(titles))
    for offset, column, color, title in (
        (-0.2, 1, COLORS[5], "на виденных именах"),
        (0.2, 2, COLORS[1], "на невиденных"),
    ):
        values = [row[column] for row in table.rows]
        measured = [value for value in values if isinstance(value, Measured)]
        plot.barh(
            places + offset, means(measured), 0.4, xerr=spreads(measured), color=color,
            label=title, error_kw={"lw": 1}, capsize=2,
        )  # fmt: skip
    plot.set_yticks(places, titles, fontsize=8.5)
    plot.invert_yaxis()
    plot.grid(axis="y", visible=False)
    plot.grid(axis="x", alpha=0.3)
    plot.axvline(0, color="black", lw=1)
    plot.legend(frameon=False, fontsize=8.5, loc="upper left")
    label(plot, "Чему учить сеть", "перекрёстная энтропия за вычетом базы, нат на имя", "")
