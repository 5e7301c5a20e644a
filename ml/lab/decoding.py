"""Temperature, top-k and top-p: what each buys in new names, and what it costs in likelihood.

Names are written by the shipped model; nothing is trained. Their likelihood is the model's own at
temperature 1, whatever they were drawn with, and stands beside that of real names never trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from ml.lab.experiment import Findings, Material, Scale, over_seeds
from ml.lab.figures import COLORS, label, means, panels, spreads
from ml.lab.tables import Column, Measured, Table
from ml.models.checkpoint import load_model
from ml.names.records import fold
from ml.progress import Report
from ml.scoring.evaluation import conditional_likelihood
from ml.writing.generator import NameGenerator, NameRequest, SamplingSettings

_FAMILIES: dict[str, list[tuple[str, SamplingSettings]]] = {
    "температура": [
        (f"T = {t:g}", SamplingSettings(temperature=t)) for t in (0.3, 0.5, 0.7, 0.8, 1.0, 1.2, 1.5)
    ],
    "top-k при T = 1": [
        (f"k = {k}", SamplingSettings(temperature=1.0, top_k=k)) for k in (2, 3, 5, 10, 20)
    ],
    "top-p при T = 1": [
        (f"p = {p:g}", SamplingSettings(temperature=1.0, top_p=p))
        for p in (0.5, 0.7, 0.8, 0.9, 0.95)
    ],
}

# Where a label stands from its point, a family of settings each: the three curves nearly coincide.
_OFFSETS = ((14, -12), (-14, 10), (34, -34))


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares of the sampled names found nowhere, and distinct; likelihood; test names hit.

    `nats` is the mean negative log-likelihood per symbol; `found` how many different names of the
    test split are among the samples.
    """

    novel: float
    distinct: float
    nats: float
    found: int


def run(material: Material, scale: Scale, report: Report) -> Findings:
    """Write names with every setting.

    Raises:
        ModelFileError: there is no model to write with.
    """
    model = load_model(material.model)
    generator = NameGenerator(model)
    test = [
        record
        for record in material.records
        if (record.split, record.kind, record.origin) == ("test", "given", "russian")
    ]
    reference = conditional_likelihood(model, test).nats_per_symbol

    def measure(setting: tuple[str, SamplingSettings], seed: int) -> Quality:
        request = NameRequest(
            count=scale.samples, settings=setting[1], uncensored=True, judged=False
        )
        return quality(generator, request, {fold(record.name) for record in test}, seed)

    settings = [setting for family in _FAMILIES.values() for setting in family]
    measured = over_seeds(measure, settings, scale, report, "decoding")
    results = [
        (
            Measured(tuple(quality.novel for quality in seeds)),
            Measured(tuple(quality.distinct for quality in seeds)),
            Measured(tuple(quality.nats for quality in seeds)),
            Measured(tuple(float(quality.found) for quality in seeds)),
        )
        for seeds in measured
    ]
    families = [name for name, family in _FAMILIES.items() for _ in family]
    table = Table(
        f"Порождение имён, {scale.samples} имён на зерно",
        (
            Column("способ"),
            Column("настройка"),
            Column("доля новых"),
            Column("доля разных"),
            Column("потери на именах, нат на символ"),
            Column(f"найдено имён из теста (всего {len(test)})", ".1f"),
        ),
        (
            *(
                (family, title, *result)
                for family, (title, _), result in zip(families, settings, results, strict=True)
            ),
            ("настоящие имена", "тест", "", "", reference, ""),
        ),
    )
    return Findings(
        title="Температура, top-k и top-p",
        about=(
            "Русские личные имена пишет модель из поставки. Новые: те, которых нет ни в одном"
            " списке; сомнительные и имена иного происхождения не показаны."
            " Разные: сколько останется, если убрать повторы."
            " Потери: средние по самой модели при T = 1, чем меньше, тем имена правдоподобнее;"
            " рядом те же потери на настоящих именах тестовой части, которых модель не видела."
            " Последний столбец: сколько таких невиданных настоящих имён она придумала сама."
        ),
        tables={"decoding": table},
        figure=_draw(families, [title for title, _ in settings], results, reference),
    )


def quality(generator: NameGenerator, request: NameRequest, test: set[str], seed: int) -> Quality:
    """Draw ``request.count`` names, repeats and all; `test` holds folded names."""
    samples = generator.sample(request, seed=seed)
    names = [fold(sample.name) for sample in samples]
    symbols = sum(len(name) + 1 for name in names)
    return Quality(
        novel=sum(sample.novel for sample in samples) / len(samples),
        distinct=len(set(names)) / len(names),
        nats=-sum(sample.log_prob for sample in samples) / symbols,
        found=len(test & set(names)),
    )


def _draw(
    families: list[str],
    titles: list[str],
    results: Sequence[tuple[Measured, ...]],
    reference: float,
) -> Figure:
    figure, axes = panels(2, width=6.4, height=5.6)
    for plot, column, title in ((axes[0], 0, "Новизна"), (axes[1], 1, "Разнообразие")):
        for color, offset, family in zip(COLORS, _OFFSETS, _FAMILIES, strict=False):
            places = [place for place, name in enumerate(families) if name == family]
            nats = [results[place][2] for place in places]
            shares = [results[place][column] for place in places]
            plot.errorbar(
                means(nats), means(shares), spreads(shares), spreads(nats),
                marker="o", ms=4, color=color, label=family,
            )  # fmt: skip
            for place, x, y in zip(places, means(nats), means(shares), strict=True):
                plot.annotate(
                    titles[place],
                    (x, y),
                    textcoords="offset points",
                    xytext=offset,
                    ha="right" if offset[0] < 0 else "left",
                    fontsize=7.5,
                    color=color,
                    arrowprops={"arrowstyle": "-", "color": color, "lw": 0.5},
                )
        plot.margins(x=0.12, y=0.15)
        plot.axvline(reference, color="black", ls=":", lw=1, label="настоящие имена теста")
        label(plot, title, "потери модели на именах, нат на символ", "доля")
    axes[0].legend(frameon=False, fontsize=8)
    return figure
