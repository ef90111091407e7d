"""Scenarios of prompts, which MLflow keeps as registered models with a tag."""

from __future__ import annotations

from typing import Any

import mlflow
from bench import Bench


def prompts_are_registered_and_loaded(bench: Bench) -> dict[str, Any]:
    name = bench.called()
    genai = getattr(mlflow, "genai", mlflow) if mlflow.__version__.startswith("3") else mlflow
    first = genai.register_prompt(name, "Say {{word}} once.", commit_message="first")
    second = genai.register_prompt(name, "Say {{word}} twice.", commit_message="second")
    assert (int(first.version), int(second.version)) == (1, 2)
    assert genai.load_prompt(f"prompts:/{name}/1").template == "Say {{word}} once."
    genai.set_prompt_alias(name, alias="best", version=1)
    assert genai.load_prompt(f"prompts:/{name}@best").template == "Say {{word}} once."
    genai.delete_prompt_alias(name, alias="best")
    assert [model.name for model in bench.client.search_registered_models(f"name = '{name}'")] == []
    return {"name": name}
