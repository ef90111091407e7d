from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from marigram.client.environment import VARIABLES, is_interactive, notebook_of, python_of, variables_of
from marigram.client.masking import MASK


def test_only_variables_that_steer_a_training_are_kept() -> None:
    environ = {
        "CUDA_VISIBLE_DEVICES": "0,1",
        "SLURM_JOB_ID": "17",
        "OMP_NUM_THREADS": "8",
        "RANK": "3",
        "HOME": "/home/me",
        "AWS_SECRET_ACCESS_KEY": "abc",
        "EDITOR": "vi",
    }
    kept = variables_of(environ, VARIABLES)
    assert kept == {"CUDA_VISIBLE_DEVICES": "0,1", "OMP_NUM_THREADS": "8", "RANK": "3", "SLURM_JOB_ID": "17"}


def test_whatever_is_asked_for_secrets_are_masked() -> None:
    environ = {"AWS_SECRET_ACCESS_KEY": "abc", "DB": "postgres://u:p@h/d", "PLAIN": "x", "LONG": "y" * 10_000}
    kept = variables_of(environ, ["*"])
    assert kept["AWS_SECRET_ACCESS_KEY"] == MASK
    assert kept["DB"] == f"postgres://{MASK}@h/d"
    assert kept["PLAIN"] == "x"
    assert len(kept["LONG"]) == 4096
    assert variables_of(environ, []) == {}


def test_the_python_that_runs_is_told() -> None:
    told = python_of({"CONDA_DEFAULT_ENV": "vision"})
    assert told["python_executable"] == sys.executable
    assert told["conda_environment"] == "vision"
    assert told["python_version"].count(".") == 2
    assert "conda_environment" not in python_of({})


def test_a_prompt_and_a_notebook_are_interactive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not is_interactive()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not is_interactive()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=object))
    assert is_interactive()
    monkeypatch.delitem(sys.modules, "IPython")
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert is_interactive()


def test_the_notebook_is_what_the_front_end_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert notebook_of({}) is None
    assert notebook_of({"JPY_SESSION_NAME": "not-a-notebook.py"}) is None
    assert notebook_of({"JPY_SESSION_NAME": "folder/study.ipynb"}) == tmp_path / "study.ipynb"
    assert notebook_of({"JPY_SESSION_NAME": "/abs/study.ipynb"}) == Path("/abs/study.ipynb")
    monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", "/code/study.ipynb", raising=False)
    assert notebook_of({}) == Path("/code/study.ipynb")
