"""Keeps the study guide true: rewrites the blocks of ``docs/ru/*.md`` that come from elsewhere.

A comment says where the block after it comes from::

    <!-- source: ml/names/records.py fold --> a function, class or constant, less its docstring; a
                                              last part `for` or `while` is the first such loop
    <!-- table: docs/lab/gradients.md 2 -->   the second table of a page of results
    <!-- run -->                              Python, left as it is and run; the blocks of a chapter
                                              share their variables
    <!-- output -->                           what the block run last has printed
    <!-- output: varies -->                   invented Russian words, other ones on another machine

``python -m tests.docs.guide`` rewrites all chapters; a test holds that nothing would change. Run
it after a change to what the guide shows, or a new run of the lab, and read the chapter again.

What is printed must be the same on every machine, and floating point is not: training amplifies
its last digits. So a chapter prints what holds everywhere: a figure far from where it would be
rounded otherwise, or an inequality. Only invented words may vary. They are kept as long as what is
printed now looks like them: as many lines, as many words in each, of Russian letters, in the same
places. To have others, empty the block. Figures are refused there, so none can grow stale.
"""

import ast
import contextlib
import io
import re
import textwrap
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "docs" / "ru").glob("*.md"))

_BLOCK = re.compile(
    r"^<!-- (?P<kind>source|table|run|output)(?:: (?P<place>.+))? -->\n\n?"
    r"(?P<block>```\w*\n(?s:.*?)^```\n|(?:\|.*\n)+)?",
    re.MULTILINE,
)
# A capital at most, at the beginning, and no more letters than a babbling network strings together.
_INVENTED = re.compile(r"(?P<capital>[А-ЯЁ])?[а-яё]{1,29}")
_LOOPS: dict[str, type[ast.For | ast.While]] = {"for": ast.For, "while": ast.While}
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Block = _Definition | ast.For | ast.While


class GuideError(ValueError):
    """A comment of a chapter that asks for what there is not."""


def refresh(chapter: str) -> str:
    """A chapter with all its blocks as they should be.

    Raises:
        GuideError: a comment names a file, a function or a table that does not exist.
    """
    run = _Runner()

    def renew(match: re.Match[str]) -> str:
        comment = match[0].splitlines()[0]
        gap = "" if match["block"] else "\n"
        return f"{comment}\n\n{_content(match, run)}{gap}"

    return _BLOCK.sub(renew, chapter)


def source_of(place: str) -> str:
    """The source of ``ml/networks/cells.py LSTM.step``, dedented and without its docstring.

    Raises:
        GuideError: there is no such file, or nothing of that name in it.
    """
    path, _, name = place.partition(" ")
    text = _read(path)
    found = _find(ast.parse(text).body, name.split("."))
    if found is None:
        raise GuideError(f"{place}: there is no {name}")
    decorators = getattr(found, "decorator_list", [])
    lines = dict(enumerate(text.splitlines(), start=1))
    docstring = _docstring(found)
    if docstring is not None:
        after = _last_line(docstring) + 1
        # The empty line that parts a docstring from what follows goes with it.
        for number in range(docstring.lineno, after + (not lines.get(after, "").strip())):
            lines.pop(number, None)
    first = min(node.lineno for node in [found, *decorators])
    shown = [line for n, line in lines.items() if first <= n <= _last_line(found)]
    return textwrap.dedent("\n".join([*_heading(text, name), *shown])) + "\n"


def _heading(text: str, name: str) -> list[str]:
    """The line that begins the class, where `name` is a whole method of one: it says whose."""
    owner = _find(ast.parse(text).body, name.split(".")[:1])
    method = name.count(".") == 1 and name.split(".")[1] not in _LOOPS
    return (
        [text.splitlines()[owner.lineno - 1]] if isinstance(owner, ast.ClassDef) and method else []
    )


def table_of(place: str) -> str:
    """The table of ``docs/lab/gradients.md 2``, by its number on the page.

    Raises:
        GuideError: there is no such page, or it has fewer tables.
    """
    path, _, number = place.partition(" ")
    tables = re.findall(r"(?:^\|.*\n)+", _read(path), re.MULTILINE)
    if not 1 <= int(number or 1) <= len(tables):
        raise GuideError(f"{place}: the page has {len(tables)} tables")
    return str(tables[int(number or 1) - 1])


class _Runner:
    """Runs the Python of one chapter, block after block, and keeps what the last one printed."""

    def __init__(self) -> None:
        self._variables: dict[str, Any] = {"__name__": "guide"}
        self.printed = ""

    def __call__(self, code: str) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, "guide", "exec"), self._variables)  # noqa: S102 (our own chapters)
        self.printed = printed.getvalue()


def _content(match: re.Match[str], run: _Runner) -> str:
    place, block = match["place"] or "", match["block"] or ""
    if match["kind"] == "source":
        return _fenced("python", source_of(place))
    if match["kind"] == "table":
        return table_of(place)
    if match["kind"] == "output":
        return _output(place, block, _fenced("text", run.printed))
    if not block.startswith("```python\n"):
        raise GuideError("no Python block follows a comment that says run")
    run(block.removeprefix("```python\n").removesuffix("```\n"))
    return block


def _output(place: str, kept: str, printed: str) -> str:
    if not place:
        return printed
    if place != "varies" or re.search(r"\d", printed):
        raise GuideError(f"only invented words may vary: {place}\n{printed}")
    return kept if _shape(kept) == _shape(printed) else printed


def _shape(text: str) -> str:
    """A text with its invented words alike."""
    return _INVENTED.sub(lambda word: "Имя" if word["capital"] else "имя", text)


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}```\n"


def _find(body: Sequence[ast.stmt], path: Sequence[str]) -> ast.stmt | None:
    """The definition, the constant or the first loop that `path` leads to."""
    name, *rest = path
    found: ast.stmt | None
    if name in _LOOPS:
        inside = (node for statement in body for node in ast.walk(statement))
        found = next((node for node in inside if isinstance(node, _LOOPS[name])), None)
    else:
        found = next((statement for statement in body if name in _names(statement)), None)
    if found is None or not rest:
        return found
    return _find(found.body, rest) if isinstance(found, _Block) else None


def _names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign):
        return [statement.target.id] if isinstance(statement.target, ast.Name) else []
    return [statement.name] if isinstance(statement, _Definition) else []


def _docstring(statement: ast.stmt) -> ast.Expr | None:
    first = statement.body[0] if isinstance(statement, _Definition) else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first
    return None


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


@cache
def _read(path: str) -> str:
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except OSError as error:
        raise GuideError(f"{path}: {error.strerror}") from error


if __name__ == "__main__":
    for chapter in CHAPTERS:
        chapter.write_text(refresh(chapter.read_text(encoding="utf-8")), encoding="utf-8")
