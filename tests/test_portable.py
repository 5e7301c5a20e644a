"""`make portable` notices a setting that does nothing."""

from dataclasses import replace

import pytest

from tests.portable import Setting, passes

PROBE = "import os; print('vectors', os.environ.get('VECTORS', 'long'))"
SHORT = Setting("short vectors", {"VECTORS": "short"}, PROBE, "^vectors short$")


def test_a_setting_in_force_is_found() -> None:
    assert SHORT.found() == "vectors short"


@pytest.mark.parametrize("probe", [PROBE, "raise OSError"])
def test_one_that_a_library_passes_over_fails_before_any_test(
    probe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ignored = replace(SHORT, variables={"VECTOR": "short"}, probe=probe)
    assert ignored.found() is None
    assert not passes([SHORT, ignored])
    assert "FAILED, in force are only ['vectors short', None]" in capsys.readouterr().out
