"""Writing what was found: tables, plots, and a page that says how they came about."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch

from ml.lab.experiment import Findings, Scale


@dataclass(frozen=True, slots=True)
class Run:
    """How results came about; written down beside them."""

    command: str
    scale: Scale
    names: dict[str, int]  # by split

    def conditions(self) -> list[str]:
        """The machine and the names, in Russian."""
        splits = ", ".join(f"{split} {names}" for split, names in self.names.items())
        return [
            f"- ядер процессора: {os.cpu_count()}, занято вычислениями: {torch.get_num_threads()}",
            f"- PyTorch {torch.__version__.split('+')[0]}",
            f"- зёрен: {self.scale.seeds}; в таблицах среднее ± стандартное отклонение по ним",
            f"- имён: {splits}; все потери измерены на тестовой части",
        ]


def write_findings(findings: Findings, name: str, seconds: float, run: Run, out: Path) -> None:
    """Write ``NAME.md``, ``NAME.png`` and a CSV a table; the Markdown holds no links.

    `seconds` are of processor time.
    """
    for stem, table in findings.tables.items():
        (out / f"{stem}.csv").write_text(table.csv(), encoding="utf-8")
    parts = [f"## {findings.title}", findings.about]
    parts += [table.markdown().rstrip() for table in findings.tables.values()]
    parts.append(f"`{run.command}`, {datetime.now(UTC):%Y-%m-%d}, {seconds:.0f} с на одном ядре.")
    (out / f"{name}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    findings.figure.savefig(out / f"{name}.png", dpi=120)


def write_index(names: list[str], run: Run, out: Path) -> None:
    """Write ``README.md``: every experiment whose results lie in `out`, with its own last run."""
    lines = [
        "# Опыты",
        "",
        "Все заново: `python -m ml lab`, один: `python -m ml lab ОПЫТ`. При последнем запуске:",
        "",
        *run.conditions(),
        "",
    ]
    for name in names:
        page = out / f"{name}.md"
        if not page.exists():
            continue
        first, *_, how = page.read_text(encoding="utf-8").splitlines()
        title = first.removeprefix("## ")
        tables = sorted(path.name for path in out.glob(f"{name}*.csv"))
        links = ", ".join(f"[{table}]({table})" for table in tables)
        lines += [
            f"## {title}",
            "",
            f"[Таблицы и условия]({name}.md), {links}. Запуск: {how}",
            "",
            f"![{title}]({name}.png)",
            "",
        ]
    (out / "README.md").write_text("\n".join(lines), encoding="utf-8")
