"""Finding series of runs, over real HTTP."""

from __future__ import annotations

from asking import HttpWriter
from one_of_everything import Api
from operations import create, floats, put

ONE = f"{0xE1:032x}"


def test_series_are_found_in_sections_and_in_pages(api: Api) -> None:
    HttpWriter(api.url, ONE).write(create("lab/found"), put("lr", 1), *(floats(f"a/{n}", [1], [1]) for n in (1, 2, 10)))
    answer = api.get("/series/sections", run=[ONE], per_section=2)
    assert answer.json() == {
        "sections": [{"name": "a", "count": 3, "paths": ["a/1", "a/2"]}],
        "section_count": 1,
        "path_count": 3,
        "all_count": 3,
        "run_count": 1,
    }
    page = api.get("/series/paths", run=[ONE], section="a", limit=2).json()
    assert page == {"paths": ["a/1", "a/2"], "cursor": "a/2"}
    rest = api.get("/series/paths", run=[ONE], section="a", limit=2, cursor=page["cursor"]).json()
    assert rest == {"paths": ["a/10"], "cursor": None}
    assert api.get("/series/paths", run=[ONE], path=["a/10", "a/3", "lr"]).json()["paths"] == ["a/10"]
    assert api.get("/series/paths", run=[ONE], kind=["string_series"]).json()["paths"] == []
    assert api.get(f"/runs/{ONE}/attributes", kind=["int"]).json()["attributes"][0]["path"] == "lr"


def test_a_pattern_that_is_none_is_refused_with_words(api: Api) -> None:
    answer = api.get("/series/sections", run=[ONE], search="/(/")
    assert answer.status == 400
    assert "no regular expression" in answer.json()["message"]
    assert api.get("/series/sections", run=[ONE], kind=["loss"]).status == 400
    assert api.get("/series/paths").status == 400
