"""`Project`: what is said of a project itself, and its runs as a table.

Metadata of a project is logged as that of a run, by the same calls and with the same promises: it is kept by a run that
no table shows, whose id follows from the project's name. Nothing is queued and no process is started before the first
write, so a project that is only read costs nothing. Reading waits for the network, and it raises.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

import msgspec
from typing_extensions import Self

from marigram.client.arguments import check_flush_period, check_project, check_text
from marigram.client.card import Card, Role, process_created_at
from marigram.client.errors import MarigramError, NotFoundError, ServerError
from marigram.client.finding import CONNECT_TIMEOUT_S, shake_hands
from marigram.client.host import host_name
from marigram.client.lazy_sink import LazySink
from marigram.client.lifecycle import FINISHED, Ending, Watch
from marigram.client.notice import say
from marigram.client.parts import connect_reader, make_recorder, syncer_of
from marigram.client.progress import ProgressBar
from marigram.client.queue import Queue, new_writer_name
from marigram.client.read_back import ReadBack
from marigram.client.recorder import UNFINISHED, Recorder
from marigram.client.settings import KEEPING, SENDING, Mode, Settings, parse_mode, parse_url, proxy_of
from marigram.client.sink import ClosedSink, NoSink, Sink, WaitingSink
from marigram.client.start import SYNC_CALL_TIMEOUT_S
from marigram.client.syncer_watch import SyncerWatch
from marigram.client.tree import Tree
from marigram.model import Path, ProjectName, project_run_id

if TYPE_CHECKING:
    from marigram.client.runs_table import RunsTable
    from marigram.client.transport import Transport


class Project(Tree):
    """A project. Made by `init_project`; dictionary access as with a run."""

    def __init__(
        self,
        *,
        name: ProjectName,
        settings: Settings,
        recorder: Recorder,
        read_back: ReadBack,
        syncer: SyncerWatch,
    ) -> None:
        """Take what `init_project` has made."""
        super().__init__(recorder=recorder, read_back=read_back)
        self.name = name
        self._settings = settings
        self._transport: Transport | None = None
        self._watch: Watch | None = None
        self._syncer = syncer

    def begin(self, queue: Queue) -> Sink:
        """Open the queue and start what sends it. Called once, by the first write."""
        queue.open()
        settings = self._settings
        if settings.mode in SENDING:
            self._syncer.start()
            self._continue_series()
        self._watch = Watch(self)
        self._watch.start()
        return WaitingSink(queue, timeout_s=SYNC_CALL_TIMEOUT_S) if settings.mode is Mode.SYNC else queue

    @property
    def id(self) -> str:
        """The id of what holds the project's metadata, 32 hexadecimal digits."""
        return project_run_id(self.name)

    def get_url(self) -> str:
        """Return the address of the project's page."""
        return f"{self._settings.url}/{self.name}"

    def wait(self, *, disk_only: bool = False, timeout_s: float = 60.0) -> bool:
        """Wait until everything said so far is at the server; return whether it is. On disk it is already."""
        done = self._recorder.finish(timeout_s=0.0 if disk_only else timeout_s)
        return disk_only or (done and self._syncer.wait_for(self._recorder.sink, timeout_s=timeout_s) is None)

    def sync(self, *, wait: bool = True) -> None:
        """Wait until the server has everything said so far; sending goes on by itself either way."""
        if wait:
            self.wait()

    def stop(self, seconds: float | None = None) -> None:
        """Say no more, and wait at most so many seconds for receipts (default MARIGRAM_STOP_TIMEOUT_S)."""
        self._stop(self._settings.stop_timeout_s if seconds is None else max(0.0, float(seconds)), at_exit=False)

    def end(self, ending: Ending = FINISHED, *, wait: bool = True, at_exit: bool = False) -> None:
        """Say no more, because the program ends. How it ends is of no interest to a project."""
        del ending
        self._stop(self._settings.stop_timeout_s if wait else 0.0, at_exit=at_exit or not wait)

    def after_fork(self) -> None:
        """In a forked child: write as a writer of its own."""
        self._syncer.after_fork()
        self._transport = None
        super().after_fork()
        self._recorder.sink.after_fork()
        self._recorder.guard.after_fork()

    def fetch_runs_table(  # noqa: PLR0913 each narrows the table in one way, and all are keywords
        self,
        *,
        query: str | None = None,
        id: str | Sequence[str] | None = None,  # noqa: A002 - the name that users of Neptune know
        state: str | Sequence[str] | None = None,
        owner: str | Sequence[str] | None = None,
        tag: str | Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        trashed: bool | None = False,
        limit: int | None = None,
        sort_by: str = "sys/creation_time",
        ascending: bool = False,
        progress_bar: ProgressBar = None,
    ) -> RunsTable:
        """Return the runs that are all of what is asked, as a table.

        Args:
            query: in the query language, for example '`train/loss` < 0.5 AND `sys/tags` CONTAINS best'.
            id: keys of runs, for example CATS-12.
            state: `running`, `finished`, `failed`, `crashed`, `stopped`, `stalled`; also `active` and `inactive`.
            owner: who started the run.
            tag: the run has every one of these tags.
            columns: paths. Default: all that runs have, at most 1,000; `sys/id` is always there.
            trashed: True: only runs in the trash; None: runs in and out of it.
            limit: most runs; None: all.
            sort_by: a path, at which a series sorts by its last value; or another number that stands for a series:
                `min(loss)`, `first(loss)`, `accuracy@min(loss)`.
            ascending: smallest first.
            progress_bar: False: none; a class of your own; default: a line on a terminal.

        Raises:
            SettingError: the query cannot be understood (the message shows the place), or an argument is wrong.
            UnreachableError: the server does not answer.
        """
        from marigram.client.runs_table import read_table, wanted_query

        wanted = wanted_query(query=query, id=id, state=state, owner=owner, tag=tag, trashed=trashed)
        return read_table(
            self._connected(),
            self.name,
            query=wanted,
            trashed=bool(trashed),
            columns=columns,
            limit=limit,
            sort_by=sort_by,
            ascending=ascending,
            progress_bar=progress_bar,
        )

    def fetch_models_table(self, **_: object) -> NoReturn:
        """Refuse: there is no model registry yet.

        Raises:
            MarigramError: always; the message says what to do instead.
        """
        from marigram.client.registry import refuse

        refuse()

    def trash_runs(self, ids: str | Iterable[str]) -> None:
        """Put runs into the trash, by key or id: no table shows them, and `restore_runs` brings them back.

        Raises:
            NotFoundError: there is no such run.
            UnreachableError: the server does not answer.
        """
        self._each(ids, lambda transport, run_id: transport.trash(run_id))

    def restore_runs(self, ids: str | Iterable[str]) -> None:
        """Take runs out of the trash, by key or id.

        Raises:
            NotFoundError: there is no such run.
            UnreachableError: the server does not answer.
        """
        self._each(ids, lambda transport, run_id: transport.restore(run_id))

    def delete_runs(self, ids: str | Iterable[str]) -> None:
        """Delete runs that are in the trash, for good, by key or id; forks go before the runs they were forked from.

        Raises:
            NotFoundError: there is no such run.
            ServerError: one is not in the trash, still goes on, or has forks that stay; all others were deleted.
            UnreachableError: the server does not answer.
        """
        waiting: list[str] = []
        self._each(ids, lambda _, run_id: waiting.append(run_id))
        transport = self._connected()
        while waiting:
            kept: dict[str, ServerError] = {}
            for run_id in waiting:
                try:
                    transport.delete(run_id)
                except ServerError as error:
                    kept[run_id] = error
            if len(kept) == len(waiting):
                raise kept[waiting[0]]
            waiting = list(kept)

    def __enter__(self) -> Self:
        """Use the project in a `with` block, at whose end it is stopped."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def __repr__(self) -> str:
        """Say which project it is."""
        return f"<marigram project {self.name}>"

    def _each(self, ids: str | Iterable[str], act: Callable[[Transport, str], None]) -> None:
        """Find every run first, so that a wrong name changes nothing."""
        from marigram.client.reader import Reader

        transport = self._connected()
        reader = Reader(transport)
        found = [reader.find_run(self.name, key).id for key in ([ids] if isinstance(ids, str) else ids)]
        for run_id in found:
            act(transport, run_id)

    def _connected(self) -> Transport:
        if self._settings.mode not in SENDING:
            message = f"mode={self._settings.mode.value!r} does not talk to a server, so nothing can be read. "
            raise MarigramError(message + "Use mode='read-only'.")
        if self._transport is None:
            # urllib3 is loaded here and not at the top, so that `import marigram` stays light.
            from marigram.client.transport import Transport

            self._transport = Transport(url=self._settings.url, token=self._settings.token, proxy=self._settings.proxy)
        return self._transport

    def _continue_series(self) -> None:
        """Let series of the project go on after their last step, as far as the server can be asked."""
        try:
            for found in connect_reader(self._settings).attributes(self.id):
                if found.series is not None:
                    self._recorder.track(Path(found.path)).next_step = found.series.last_step + 1.0
        except NotFoundError:
            return  # nothing has been said of this project before
        except MarigramError as error:
            say(f"{error} Series of the project {self.name} begin at step 0 here.")

    def _stop(self, timeout_s: float, *, at_exit: bool) -> None:
        sink = self._recorder.sink
        if isinstance(sink, ClosedSink):
            return
        if not self._recorder.finish(timeout_s=timeout_s):
            self._recorder.guard.drop("unfinished", UNFINISHED)
        with self._recorder.guard:
            self._recorder.guard.write_counts()
            sink.end(drops=self._recorder.guard.counts)
        self._recorder.sink = ClosedSink(sink)
        if self._settings.mode in SENDING and timeout_s:
            problem = self._syncer.wait_for(sink, timeout_s=timeout_s)
            if problem is not None:
                say(f"What was said of {self.name} is still in the queue, and the syncer goes on: {problem}")
        if self._watch is not None:
            self._watch.stop()
        self._syncer.leave(for_good=at_exit)


def init_project(
    project: str | None = None,
    *,
    mode: str | None = None,
    flush_period: float | None = None,
    api_token: str | None = None,
    url: str | None = None,
    proxies: Mapping[str, str] | None = None,
) -> Project:
    """Open a project, to read its runs or to write metadata of its own. It is made with the first write.

    Args:
        project: `workspace/name`. Default: MARIGRAM_PROJECT.
        mode: `async`, `sync`, `offline`, `read-only`, `debug` or `disabled`. Default: MARIGRAM_MODE, or async.
        flush_period: seconds that may pass before something logged is sent. Default: 0.25.
        api_token: default MARIGRAM_TOKEN.
        url: address of the server. Default: MARIGRAM_URL, or http://127.0.0.1:6274.
        proxies: addresses of proxies by scheme, such as `{"https": "http://proxy:3128"}`. Default: MARIGRAM_PROXY.

    Raises:
        SettingError: an argument or an environment variable is missing or wrong.
        AccessError: the server does not accept the token.
        UnreachableError: `mode="read-only"`, and the server does not answer.
        ServerError: something else than a Marigram server answers.
    """
    settings = Settings.from_environment(os.environ)
    address = parse_url(url) if url is not None else settings.url
    settings = msgspec.structs.replace(
        settings,
        url=address,
        proxy=proxy_of(proxies, address) or settings.proxy,
        token=check_text("api_token", api_token) or settings.token,
        mode=parse_mode(mode) if mode is not None else settings.mode,
        project=check_text("project", project) or settings.project,
    )
    name = check_project(settings.project, settings.mode)
    flush_period_s = check_flush_period(flush_period)
    if settings.mode in SENDING:
        # Loaded here and not at the top, so that `import marigram` stays light.
        from marigram.client.transport import Transport

        transport = Transport(
            url=settings.url, token=settings.token, connect_timeout_s=CONNECT_TIMEOUT_S, proxy=settings.proxy
        )
        shake_hands(transport, name, needed=settings.mode is Mode.READ_ONLY)
    card = Card(
        run_id=project_run_id(name),
        writer=new_writer_name(),
        role=Role.FORK,  # a project neither finishes nor crashes, whatever becomes of this process
        project=name,
        url=settings.url,
        created_at=int(time.time() * 1000),
        pid=os.getpid(),
        process_created_at=process_created_at(),
        host=host_name(),
        monitoring="monitoring",
        flush_period_s=flush_period_s,
        patience_s=settings.sync_patience_s,
    )
    keeps = settings.mode in KEEPING
    sink = LazySink(lambda: opened.begin(Queue(home=settings.home, card=card))) if keeps else NoSink()
    recorder = make_recorder(sink, reraise=settings.reraise)
    connect = (lambda: connect_reader(settings)) if settings.mode in SENDING else None
    syncer = syncer_of(settings, card.run_id)
    read_back = ReadBack(run_id=card.run_id, recorder=recorder, connect=connect, syncer=syncer)
    opened = Project(name=name, settings=settings, recorder=recorder, read_back=read_back, syncer=syncer)
    return opened
