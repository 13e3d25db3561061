"""Names of one version ago are read from every source, with a warning, and from indexes."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from ragtree.configuration import gather, validate
from ragtree.errors import SettingsError
from ragtree.old_settings import OLD


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    caplog.clear()
    assert all("\n" not in line for line in found)
    return found


@pytest.mark.parametrize("name", OLD)
def test_an_old_name_is_read_everywhere_with_a_warning(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage, _, field = name.partition(".")
    value, variable = OLD[name].default or "0", f"RAGTREE_{stage}_{field}".upper()
    said = f"{name} {OLD[name].advice}"
    gather(None, {}, [f"{name}={value}"])
    assert warnings(caplog) == [f"--set {name}={value}: {said}"]
    gather(None, {variable: str(value)}, [])
    assert warnings(caplog) == [f"{variable}: {said}"]
    (tmp_path / "ragtree.toml").write_text(f"[{stage}]\n{field} = {json.dumps(value)}\n", encoding="utf-8")
    gather(tmp_path, {}, [])
    assert warnings(caplog) == [f"{tmp_path / 'ragtree.toml'}: {said}"]


@pytest.mark.parametrize("name", OLD)
def test_python_and_grids_are_told_what_has_replaced_a_name(name: str) -> None:
    stage, _, field = name.partition(".")
    with pytest.raises(SettingsError, match=f"^{name}( = .*)?: it (is now called|has no effect|is now|follows)"):
        validate({stage: {field: OLD[name].default}})
