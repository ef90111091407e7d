"""What changed between two runs, over real HTTP."""

from __future__ import annotations

from asking import HttpWriter
from one_of_everything import Api
from operations import CREATED_AT, RUN, create, floats, put

BEFORE, AFTER = f"{0xC1:032x}", f"{0xC2:032x}"


def test_what_changed_is_one_ranked_list(api: Api) -> None:
    steps = list(range(50))
    HttpWriter(api.url, BEFORE).write(create(), put("lr", 0.1), floats("loss", steps, [1.0] * 50))
    writer = HttpWriter(api.url, AFTER)
    writer.write(create(at=CREATED_AT + 1), put("lr", 0.4), floats("loss", steps, [1.0] * 30 + [3.0] * 20))
    answer = api.get(f"/runs/{AFTER}/differences", baseline=BEFORE)
    assert answer.status == 200
    lr, loss = answer.json()["differences"]
    assert (lr["area"], lr["path"], lr["before"], lr["after"], lr["parting"]) == ("config", "lr", 0.1, 0.4, None)
    assert (loss["area"], loss["before"], loss["after"]) == ("metrics", 1.0, 3.0)
    assert (loss["parting"]["step"], loss["parting"]["last_step"]) == (30, 49)
    assert answer.json()["series_alike"] == 0


def test_parameters_are_ranked_by_what_they_explain_of_a_target(api: Api) -> None:
    for number in range(8):
        writer = HttpWriter(api.url, f"{0xD0 + number:032x}")
        loss = floats("loss", [1, 2], [number // 2, number])
        writer.write(create("lab/ranked"), put("lr", number // 4), put("seed", number % 2), loss)
    answer = api.get("/projects/lab/ranked/importance", target="min(loss)").json()
    assert (answer["run_count"], answer["measured_count"]) == (8, 8)
    assert [each["path"] for each in answer["parameters"]] == ["lr", "seed"]
    best = answer["parameters"][0]
    assert best["groups"] == [
        {"low": 0, "high": 0, "run_count": 4, "median": 0.5},
        {"low": 1, "high": 1, "run_count": 4, "median": 2.5},
    ]
    assert best["importance"] > 0.5
    assert best["correlation"] > 0.8
    some = api.get("/projects/lab/ranked/importance", target="loss", run=[f"{0xD0:032x}"], query="lr = 0").json()
    assert (some["run_count"], some["parameters"]) == (1, [])
    assert api.get("/projects/lab/ranked/importance", target="loss", query="lr =").status == 400


def test_a_comparison_with_itself_or_with_nothing_is_refused(api: Api) -> None:
    assert api.run("/differences", baseline=RUN).status == 400
    assert api.run("/differences", baseline="nobody").status == 404
    assert api.get("/runs/nobody/differences", baseline=RUN).status == 404


def test_runs_are_read_by_their_ids_and_keys_in_one_answer(api: Api) -> None:
    for number in range(3):
        HttpWriter(api.url, f"{0xE0 + number:032x}").write(create("lab/named"))
    HttpWriter(api.url, f"{0xEF:032x}").write(create("lab/elsewhere"))
    key = api.get(f"/runs/{0xE2:032x}").json()["key"]
    wanted = [key, f"{0xEF:032x}", "NOBODY-1", f"{0xE0:032x}", f"{0xE2:032x}"]
    runs = api.get("/projects/lab/named/compared", run=wanted).json()["runs"]
    assert [run["id"] for run in runs] == [f"{number:032x}" for number in (0xE2, 0xEF, 0xE0)]
    assert runs[0] == api.get(f"/runs/{0xE2:032x}").json()
    assert api.get("/projects/lab/named/compared").status == 400


def test_texts_of_two_runs_are_found_and_their_values_compared(api: Api) -> None:
    one, other = f"{0xC5:032x}", f"{0xC6:032x}"
    HttpWriter(api.url, one).write(create("lab/texts"), put("lr", 0.1), put("seed", 1))
    HttpWriter(api.url, other).write(create("lab/texts"), put("lr", 0.4), put("seed", 1))
    whole = {"path": "", "file": None}
    pair = {"name": "configuration", "before": whole, "after": whole, "differs": True}
    answer = api.get(f"/runs/{other}/texts", baseline=one).json()
    assert answer == {"pairs": [pair], "pair_count": 1, "all_count": 1, "first_differing": "configuration"}
    assert api.get(f"/runs/{other}/texts/one", baseline=one, name="configuration").json() == pair
    assert api.get(f"/runs/{other}/texts/one", baseline=one, name="none").status == 404
    values = api.get(f"/runs/{other}/texts/values", baseline=one).json()
    (lr,) = values.pop("pairs")
    assert (lr["path"], lr["before"]["value"], lr["after"]["value"]) == ("lr", 0.1, 0.4)
    counts = {"pair_count": 1, "before_count": 1, "after_count": 1, "value_count": 2, "all_count": 2}
    assert values == counts
    assert api.get(f"/runs/{other}/texts", baseline="none").status == 404
