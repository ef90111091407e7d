"""The hub merges what a slow watcher has not seen, leaves out what it did not ask for, and hears any thread."""

from __future__ import annotations

import asyncio
import threading

from marigram.model import Path, ProjectName
from marigram.server.live import Change, Hub

WAIT_S = 30.0
CATS = ProjectName("lab/cats")
DOGS = ProjectName("lab/dogs")


def change(
    run_id: str = "a", project: ProjectName = CATS, *, points: bool = False, run: bool = False, paths: str = ""
) -> Change:
    named = frozenset(Path(path) for path in paths.split())
    return Change(run_id=run_id, project=project, points=points, run_changed=run, paths=named)


def test_changes_of_one_run_are_merged_until_they_are_asked_for() -> None:
    async def body() -> None:
        hub = Hub()
        hub.start()
        with hub.watch() as watcher:
            hub.publish([change(points=True), change("b", run=True)])
            hub.publish([change(paths="x y")])
            hub.publish([change(paths="y z")])
            await asyncio.sleep(0)
            assert await watcher.wait(timeout_s=WAIT_S) == [change(points=True, paths="x y z"), change("b", run=True)]

    asyncio.run(body())


def test_what_was_told_is_not_told_again() -> None:
    async def body() -> None:
        hub = Hub()
        hub.start()
        with hub.watch() as watcher:
            hub.publish([change(paths="x")])
            assert await watcher.wait(timeout_s=WAIT_S) == [change(paths="x")]
            hub.publish([change(paths="y")])
            assert await watcher.wait(timeout_s=WAIT_S) == [change(paths="y")]
            assert await watcher.wait(timeout_s=0.0) == []

    asyncio.run(body())


def test_a_watcher_hears_of_its_run_or_its_project_only() -> None:
    async def body() -> None:
        hub = Hub()
        hub.start()
        with hub.watch(run_id="a") as of_run, hub.watch(project=DOGS) as of_project, hub.watch() as of_all:
            everything = [change("a"), change("b"), change("c", DOGS)]
            hub.publish(everything)
            assert await of_run.wait(timeout_s=WAIT_S) == [change("a")]
            assert await of_project.wait(timeout_s=WAIT_S) == [change("c", DOGS)]
            assert await of_all.wait(timeout_s=WAIT_S) == everything

    asyncio.run(body())


def test_any_thread_may_publish_and_nothing_is_missed() -> None:
    async def body() -> None:
        hub = Hub()
        hub.start()
        seen: set[str] = set()
        with hub.watch() as watcher:

            def publish(thread: int) -> None:
                for at in range(200):
                    hub.publish([change("run", paths=f"{thread}/{at}")])

            threads = [threading.Thread(target=publish, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            while len(seen) < 800:
                changes = await watcher.wait(timeout_s=WAIT_S)
                assert changes, f"only {len(seen)} of 800 paths were heard of"
                seen.update(path for each in changes for path in each.paths)
            for thread in threads:
                thread.join()

    asyncio.run(body())


def test_closing_wakes_every_watcher_with_nothing() -> None:
    async def body() -> None:
        hub = Hub()
        hub.start()
        with hub.watch() as watcher:
            waiting = asyncio.ensure_future(watcher.wait(timeout_s=WAIT_S))
            await asyncio.sleep(0)
            assert not hub.closed
            hub.close()
            assert await waiting == []
            assert hub.closed

    asyncio.run(body())


def test_who_has_left_is_told_nothing() -> None:
    async def body() -> None:
        hub = Hub()
        hub.start()
        with hub.watch() as watcher:
            pass
        hub.publish([change()])
        await asyncio.sleep(0)
        assert await watcher.wait(timeout_s=0.0) == []

    asyncio.run(body())


def test_publishing_before_the_start_and_after_the_end_of_the_loop_is_no_error() -> None:
    hub = Hub()
    hub.publish([change()])

    async def body() -> None:
        hub.start()
        hub.watch().__enter__()

    asyncio.run(body())
    hub.publish([change()])
