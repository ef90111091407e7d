"""What a run has as rows of a tree, over real HTTP."""

from __future__ import annotations

from one_of_everything import CAT, PAGE, Api, as_json


def test_rows_come_with_what_is_there_and_say_where_they_stand(api: Api) -> None:
    answer = api.run("/tree", kind=["float", "float_series"], search="zz").json()
    assert answer == {"rows": [], "row_count": 0, "attribute_count": 0, "file_bytes": None, "open": True}
    answer = api.run("/tree", kind=["float", "float_series"], toggle=["params"]).json()
    assert [(row["path"], row["expandable"], row["expanded"], row["size"]) for row in answer["rows"]] == [
        ("params", True, False, 3),
        ("train", True, True, 2),
        ("train/loss", False, False, 1),
        ("train/odd", False, False, 1),
    ]
    folder, loss = answer["rows"][1:3]
    assert (folder["parent"], folder["attribute"]) == (None, None)
    assert (loss["name"], loss["depth"], loss["parent"]) == ("loss", 1, 1)
    assert loss["attribute"] == api.run("/attribute", path="train/loss").json()


def test_a_page_brings_no_more_rows_than_were_asked_for(api: Api) -> None:
    whole = api.run("/tree", kind=["float", "int"], open_up_to=0, toggle=["params"]).json()
    page = api.run("/tree", kind=["float", "int"], open_up_to=0, toggle=["params"], start=2, limit=2).json()
    assert page["rows"] == whole["rows"][2:4]
    assert (page["row_count"], page["open"]) == (len(whole["rows"]), False)
    assert api.run("/tree", start=10**9).json()["rows"] == []
    below = api.run("/tree", below="train").json()["rows"]
    assert [(row["path"], row["depth"]) for row in below] == [("train/loss", 0), ("train/odd", 0)]


def test_files_are_found_by_path_and_name_and_their_sizes_added_up(api: Api) -> None:
    answer = api.run("/tree", kind=["file"], sizes=True).json()
    assert [row["attribute"]["file"] for row in answer["rows"]] == [as_json(CAT), as_json(PAGE)]
    assert (answer["attribute_count"], answer["file_bytes"]) == (2, CAT.size + PAGE.size)
    assert [row["path"] for row in api.run("/tree", kind=["file"], search="CAT 1.png").json()["rows"]] == ["cat"]


def test_what_cannot_be_answered_is_refused_with_words(api: Api) -> None:
    answer = api.run("/tree", search="/(/")
    assert answer.status == 400
    assert "no regular expression" in answer.json()["message"]
    assert api.run("/tree", kind=["loss"]).status == 400
    assert api.run("/tree", limit=1001).status == 400
    assert api.get(f"/runs/{'f' * 32}/tree").status == 404
