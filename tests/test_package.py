"""What ``pip install .`` puts on a machine, as the container has it."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "db", "migrations", "ml")
BUILD = "from setuptools.build_meta import build_wheel; build_wheel('.')"


def tracked_files() -> set[str]:
    """The files of the packages that are there, as git knows them; none outside a clone."""
    git = shutil.which("git")
    if git is None:
        return set()
    listing = subprocess.run(
        [git, "ls-files", "-z", *PACKAGES], cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout
    return {file for file in listing.split("\0") if (ROOT / file).is_file()}


def test_it_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    files = tracked_files()
    if not files:
        pytest.skip("not a git clone")
    for file in ("pyproject.toml", "README.md", "LICENSE", *files):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, tmp_path / file)
    subprocess.run([sys.executable, "-c", BUILD], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        packed = {file for file in archive.namelist() if ".dist-info/" not in file}
    assert packed == files
