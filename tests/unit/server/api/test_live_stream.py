"""What a stream says in silence, without a server: signs of life, and a run that has fallen silent."""

from __future__ import annotations

from doors import Doors
from marigram.server.api.live import _RunStream
from marigram.server.query.finding import STALLED_AFTER_MS
from operations import RUN, create, floats


def stream_of(doors: Doors, position: int | None = None) -> _RunStream:
    return _RunStream(doors.query, doors.query.run(RUN), position)


def test_silence_is_broken_by_a_comment(doors: Doors) -> None:
    doors.write(create())
    stream = stream_of(doors)
    stream.begin()
    [message] = stream.go_on([])
    assert (message.comment, message.event, message.data) == ("keep-alive", None, None)


def test_a_run_that_falls_silent_is_told_once(doors: Doors) -> None:
    doors.write(create())
    stream = stream_of(doors)
    stream.begin()
    doors.clock.now += STALLED_AFTER_MS + 1
    [message] = stream.go_on([])
    assert message.event == "run"
    assert '"status":"stalled"' in str(message.data)
    assert [message.event for message in stream.go_on([])] == [None]


def test_a_change_of_points_without_new_points_is_a_sign_of_life_only(doors: Doors) -> None:
    """It was told before: the change was published after the points were read."""
    doors.write(create(), floats("loss", [1]))
    stream = stream_of(doors, position=0)
    assert [message.event for message in stream.begin()] == ["run", "points"]
    assert [message.id for message in stream.begin()] == [None]
