"""The study guide: what it shows is the code, the links lead somewhere, the notebook runs."""

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
import typer

from ml.cli import app
from tests.docs.guide import CHAPTERS, ROOT, GuideError, refresh, source_of, table_of

GUIDE = ROOT / "docs" / "ru"
LONGEST_BLOCK = 32  # lines
VARIES = "<!-- output: varies -->"


@cache
def names_of_tests() -> frozenset[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.glob("tests/**/*.py")]
    return frozenset(
        node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
    )


chapters = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


@chapters
def test_what_a_chapter_shows_is_what_stands_in_the_repository(chapter: Path) -> None:
    text = chapter.read_text(encoding="utf-8")
    assert refresh(text) == text, "stale: run python -m tests.docs.guide and read it again"


@chapters
def test_code_is_included_or_run_never_copied_and_short(chapter: Path) -> None:
    text = chapter.read_text(encoding="utf-8")
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        language, code = match.groups()
        if language == "python":
            before = text[: match.start()].rstrip().splitlines()[-1]
            assert before.startswith(("<!-- source: ", "<!-- run -->")), code
        assert len(code.splitlines()) <= LONGEST_BLOCK, code
    assert text.count("```") % 2 == 0


@chapters
def test_a_reader_is_told_what_comes_out_differently_elsewhere(chapter: Path) -> None:
    _, *after = chapter.read_text(encoding="utf-8").split(VARIES)
    for text in after:
        _, _, rest = text.split("```", 2)
        note = rest.split("\n\n")[1]
        assert "на другой машине" in note.lower().replace("\n", " ")


@chapters
def test_links_and_pictures_lead_to_files(chapter: Path) -> None:
    text = chapter.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert targets
    for target in targets:
        if not target.startswith("https://"):
            assert (chapter.parent / target).exists(), target


@chapters
def test_files_and_tests_that_are_named_exist(chapter: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", chapter.read_text(encoding="utf-8"), flags=re.M | re.S)
    for path in re.findall(r"`((?:ml|bot|db|docs|tests|bench)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"`(test_\w+)`", text):
        assert name in names_of_tests(), name
    for module in re.findall(r"`(ml(?:\.\w+)+)`", text):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or path.is_dir(), module


@chapters
def test_commands_have_the_options_that_they_are_given(chapter: Path) -> None:
    commands = typer.main.get_group(app).commands
    for line in re.findall(r"python -m ml ([^`\n]+)", chapter.read_text(encoding="utf-8")):
        name, *arguments = shlex.split(line, comments=True)
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in arguments if word.startswith("--")} <= known, line


def test_chapters_are_listed_and_lead_from_one_to_the_next() -> None:
    numbered = [path for path in CHAPTERS if path.name != "README.md"]
    contents = (GUIDE / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\d+\. \[[^]]+\]\(([^)]+)\)", contents, re.MULTILINE)
    assert listed == [path.name for path in numbered]
    for chapter, following in zip(numbered, [*numbered[1:], GUIDE / "README.md"], strict=True):
        last = chapter.read_text(encoding="utf-8").rstrip().splitlines()[-1]
        assert f"]({following.name})" in last, chapter.name


# The machinery itself

MODULE = "tests/docs/test_guide.py"


def example(x: int) -> int:
    """Something that a guide would show.

    At length.
    """
    for _ in range(3):
        x += 1  # and a comment
    return x


def test_a_source_is_shown_without_its_docstring() -> None:
    assert source_of(f"{MODULE} example").splitlines() == [
        "def example(x: int) -> int:",
        "    for _ in range(3):",
        "        x += 1  # and a comment",
        "    return x",
    ]
    assert source_of(f"{MODULE} example.for") == "for _ in range(3):\n    x += 1  # and a comment\n"
    assert source_of(f"{MODULE} LONGEST_BLOCK").startswith("LONGEST_BLOCK = ")
    step = source_of("ml/networks/cells.py RNN.step").splitlines()
    assert step[:2] == ["class RNN(Recurrent):", "    @staticmethod"]
    assert step[2].startswith("    def step(")
    assert len(step) == 5


@pytest.mark.parametrize(
    "place", ["ml/nothing.py RNN", "ml/networks/cells.py CNN", "ml/networks/cells.py RNN.walk"]
)
def test_what_is_not_there_cannot_be_shown(place: str) -> None:
    with pytest.raises(GuideError, match=r"nothing|CNN|walk"):
        refresh(f"<!-- source: {place} -->\n")


def test_a_table_that_is_not_there_cannot_be_shown() -> None:
    assert table_of("ml/data/README.md").startswith("| column | meaning |\n")
    with pytest.raises(GuideError, match="tables"):
        table_of("ml/data/README.md 99")


def test_stale_blocks_are_renewed_and_the_text_around_is_left() -> None:
    stale = (
        "before\n\n"
        f"<!-- source: {MODULE} example.for -->\n```python\nold\n```\n\n"
        "<!-- table: ml/data/README.md -->\n\n| old |\n| --- |\n\n"
        "<!-- run -->\n\n```python\nx = 6\n```\n\n"
        "<!-- run -->\n\n```python\nprint(7 * x)\n```\n\n"
        "<!-- output -->\n\nafter\n"
    )
    fresh = refresh(stale)
    assert "\nold\n" not in fresh
    assert "| old |" not in fresh
    assert "```python\nfor _ in range(3):\n" in fresh
    assert "| column | meaning |\n" in fresh
    assert fresh.endswith("<!-- output -->\n\n```text\n42\n```\n\nafter\n")
    assert refresh(fresh) == fresh


def varying(shown: str, printed: str) -> str:
    """Of a chapter that shows words which vary, what it shows once renewed."""
    chapter = f"<!-- run -->\n\n```python\nprint({printed!r})\n```\n\n{VARIES}\n\n"
    chapter += f"```text\n{shown}\n```\n" if shown else ""
    return refresh(chapter).split("```text\n")[1].split("\n```")[0]


@pytest.mark.parametrize("shown", ["Яромир, Любогост\nерунда", "Ян, Ёж\nба"])
def test_invented_words_are_kept_while_others_like_them_are_printed(shown: str) -> None:
    assert varying(shown, "Боговит, Ия\nпалаиа") == shown


@pytest.mark.parametrize(
    "printed",
    [
        "Яромир\nерунда",  # a word less
        "Яромир, Любогост, Ия\nерунда",
        "Яромир, Любогост",  # a line less
        "Яромир, любогост\nерунда",
        "Яромир, ЛюБогост\nерунда",
        "Яромир; Любогост\nерунда",
        "Jaromir, Любогост\nерунда",
        f"Яромир, Любогост\n{'а' * 31}",
        ", Любогост\nерунда",
    ],
)
def test_words_of_another_look_are_stale(printed: str) -> None:
    assert varying("Боговит, Ия\nпалаиа", printed) == printed


def test_an_empty_block_of_words_is_filled() -> None:
    assert varying("", "ерунда") == "ерунда"


@pytest.mark.parametrize("printed", ["Яромир 0.7", "имён 3: Ия"])
def test_figures_may_not_vary(printed: str) -> None:
    with pytest.raises(GuideError, match="only invented words may vary"):
        varying(printed, printed)


def test_there_is_one_way_for_output_to_be_special() -> None:
    with pytest.raises(GuideError, match="only invented words may vary: differs"):
        refresh("<!-- output: differs -->\n")


def test_code_that_fails_is_noticed() -> None:
    with pytest.raises(ZeroDivisionError):
        refresh("<!-- run -->\n\n```python\n1 / 0\n```\n")
