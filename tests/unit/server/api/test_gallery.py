"""What a run has to look at, over real HTTP."""

from __future__ import annotations

from one_of_everything import CAT, Api, as_json


def test_media_come_with_what_is_there_and_no_more_than_were_asked_for(api: Api) -> None:
    answer = api.run("/media/sections", per_section=2).json()
    assert {name: answer[name] for name in ("section_count", "media_count", "all_count")} == {
        "section_count": 1,
        "media_count": 3,
        "all_count": 3,
    }
    (section,) = answer["sections"]
    assert (section["name"], section["count"]) == ("", 3)
    assert [each["path"] for each in section["media"]] == ["cat", "page"]
    assert section["media"][0]["file"] == as_json(CAT)
    rest = api.run("/media", section="", cursor="page").json()
    assert rest == {"attributes": [api.run("/attribute", path="pictures").json()], "cursor": None}
    assert api.run("/media/beside", path="page", search="/a/").json() == {"before": "cat", "after": "cat"}


def test_what_cannot_be_answered_is_refused_with_words(api: Api) -> None:
    answer = api.run("/media/sections", search="/(/")
    assert answer.status == 400
    assert "no regular expression" in answer.json()["message"]
    assert api.run("/media/sections", limit=301).status == 400
    assert api.get(f"/runs/{'f' * 32}/media/sections").status == 404
