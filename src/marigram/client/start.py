"""`init_run`: everything that can be wrong is found here, and raises with the way to put it right.

After it has returned, nothing about logging raises. A server that does not answer is no error: what is logged waits on
the disk and is sent when it does.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath

import msgspec

from marigram.client.arguments import (
    check_callable,
    check_flush_period,
    check_project,
    check_tags,
    check_text,
    check_whole,
)
from marigram.client.capture import INFER, check_choice, console_captures
from marigram.client.card import Card, Role, process_created_at
from marigram.client.companion import Companion
from marigram.client.errors import SettingError
from marigram.client.finding import find_run
from marigram.client.git import GitRef
from marigram.client.history import check_history, rewind_of
from marigram.client.host import host_name
from marigram.client.lag import check_alarms
from marigram.client.notice import say
from marigram.client.origin import write_description, write_process, write_source
from marigram.client.parts import (
    connect_reader,
    line_writer_of,
    make_recorder,
    open_queue,
    stop_flag_of,
    syncer_of,
    watches_of,
)
from marigram.client.queue import Queue, new_writer_name
from marigram.client.rank import find_rank, monitoring_of
from marigram.client.read_back import ReadBack
from marigram.client.read_only import ReadOnlySink
from marigram.client.run import Identity, Run
from marigram.client.self_interrupt import SelfInterrupt
from marigram.client.settings import KEEPING, SENDING, Mode, Settings, parse_mode, parse_url, proxy_of
from marigram.client.sink import NoSink, WaitingSink
from marigram.client.stop_flag import UNFLAGGED
from marigram.system.process import INTERRUPTS_ITSELF

SYNC_CALL_TIMEOUT_S = 60.0


def init_run(  # noqa: PLR0913 each says one thing about the run, and all but one are keywords
    project: str | None = None,
    *,
    name: str | None = None,
    tags: str | Sequence[str] | None = None,
    description: str | None = None,
    group: str | None = None,
    group_tags: str | Sequence[str] | None = None,
    seed: int | None = None,
    custom_run_id: str | None = None,
    with_id: str | None = None,
    rewind_to: float | None = None,
    fork_run_id: str | None = None,
    fork_step: float | None = None,
    mode: str | None = None,
    source_files: str | Sequence[str] | None = None,
    git_ref: bool | str | os.PathLike[str] | GitRef | None = None,
    dependencies: str | os.PathLike[str] | None = INFER,
    capture_stdout: bool | None = None,
    capture_stderr: bool | None = None,
    capture_child_output: bool = False,
    capture_hardware_metrics: bool | None = None,
    capture_environment: bool | str | Sequence[str] | None = None,
    capture_traceback: bool = True,
    monitoring_namespace: str | None = None,
    flush_period: float | None = None,
    fail_on_exception: bool = True,
    api_token: str | None = None,
    url: str | None = None,
    proxies: Mapping[str, str] | None = None,
    on_stop: Callable[[], object] | None = None,
    async_lag_callback: Callable[[Run], object] | None = None,
    async_lag_threshold: float | None = None,
    async_no_progress_callback: Callable[[Run], object] | None = None,
    async_no_progress_threshold: float | None = None,
) -> Run:
    """Start a run, or go on with one.

    Args:
        project: `workspace/name`. Default: MARIGRAM_PROJECT.
        name: shown in the runs table.
        tags: strings to find the run by.
        description: a longer text about it.
        group: name of what the run belongs to, such as a sweep.
        group_tags: strings that runs of one group share.
        seed: of the random numbers; stored, not set.
        custom_run_id: an id of your own; processes that pass the same one in the same project write to one run.
        with_id: key (like `CATS-12`) or id of a run to go on with; needs the server to answer.
        rewind_to: of a run to go on with, the last step that stays; all series but the console and the hardware lose
            what came after it.
        fork_run_id: key or id of a run of the project whose series this new run inherits, up to `fork_step`.
        fork_step: the last step that is inherited.
        mode: `async`, `sync`, `offline`, `read-only`, `debug` or `disabled`. Default: MARIGRAM_MODE, or async.
        source_files: patterns of files to keep with the run. Default: the script that runs; `[]`: none.
        git_ref: folder of the git repository to describe, or a `GitRef`. Default: that of the script; False or
            `GitRef.DISABLED`: none.
        dependencies: a file of requirements to keep. Default: `infer`, a list of what is installed; None: nothing.
        capture_stdout: keep what is printed. Default: yes, except in a notebook or at a prompt.
        capture_stderr: keep what is printed there, such as progress bars and warnings. Default: as above.
        capture_child_output: keep what child processes and C libraries print, too.
        capture_hardware_metrics: keep processor, memory, disk, network and GPU use, and what logging costs. Default:
            as above.
        capture_environment: names of variables to keep, `*` for any characters. Default: those that steer a training,
            such as `CUDA_*` and `SLURM_*`; False: none. Secrets are masked.
        capture_traceback: keep the traceback of an exception that ends the run.
        monitoring_namespace: path below which console and hardware are kept. Default: one per process.
        flush_period: seconds that may pass before something logged is sent. Default: 0.25.
        fail_on_exception: a run that an exception ends is `failed`.
        api_token: default MARIGRAM_TOKEN.
        url: address of the server. Default: MARIGRAM_URL, or http://127.0.0.1:6274.
        proxies: addresses of proxies by scheme, such as `{"https": "http://proxy:3128"}`. Default: MARIGRAM_PROXY.
        on_stop: called without arguments, on a thread of its own, when somebody asks the run to stop.
        async_lag_callback: called with the run, on a thread of its own, when the server is far behind.
        async_lag_threshold: that far: the age in seconds of the oldest call that it does not have. Default: 1800.
        async_no_progress_callback: likewise, when something waits and the server has taken nothing for long.
        async_no_progress_threshold: that long, in seconds. Default: 300.

    Raises:
        SettingError: an argument or an environment variable is missing or wrong.
        AccessError: the server does not accept the token.
        NotFoundError: there is no run `with_id` or `fork_run_id`.
        UnreachableError: the server does not answer, and the run `with_id` cannot be found without it.
        ServerError: something else than a Marigram server answers.
    """
    settings = _settings(
        url=url,
        api_token=api_token,
        mode=mode,
        project=project,
        custom_run_id=custom_run_id,
        with_id=with_id,
        proxies=proxies,
    )
    project_name = check_project(settings.project, settings.mode)
    all_tags = check_tags(tags)
    choice = check_choice(
        stdout=capture_stdout,
        stderr=capture_stderr,
        child_output=capture_child_output,
        hardware=capture_hardware_metrics,
        environment=capture_environment,
        source_files=source_files,
        git_ref=git_ref,
        dependencies=dependencies,
    )
    rank = find_rank(os.environ) if settings.custom_run_id is not None else None
    leads = rank is None or rank.leads
    monitoring = monitoring_of(monitoring_namespace, settings.monitoring_namespace, rank)
    flush_period_s = check_flush_period(flush_period)
    for argument, text in (("name", name), ("description", description), ("group", group)):
        check_text(argument, text)
    all_group_tags = check_tags(group_tags, "group_tags")
    check_whole("seed", seed)
    check_callable("on_stop", on_stop)
    alarms = check_alarms(
        lag=(async_lag_callback, async_lag_threshold),
        no_progress=(async_no_progress_callback, async_no_progress_threshold),
        argument=lambda: run,
    )

    history = check_history(
        rewind_to=rewind_to,
        fork_run_id=fork_run_id,
        fork_step=fork_step,
        resumes=with_id is not None or settings.custom_run_id is not None,
        with_id=with_id is not None,
    )

    found = find_run(settings, project_name, check_text("with_id", with_id), history, monitoring)
    run_id, next_steps = found.run_id, found.next_steps
    created_at = int(time.time() * 1000)
    sends = settings.mode in SENDING
    queue = None
    if settings.mode in KEEPING:
        card = Card(
            run_id=run_id,
            writer=new_writer_name(),
            role=Role.MAIN,
            project=project_name,
            url=settings.url,
            created_at=created_at,
            fork=found.fork,
            pid=os.getpid(),
            process_created_at=process_created_at(),
            host=host_name(),
            monitoring=monitoring,
            hardware=choice.hardware,
            visible_devices=os.environ.get("CUDA_VISIBLE_DEVICES"),
            flush_period_s=flush_period_s,
            patience_s=settings.sync_patience_s,
        )
        queue = Queue(
            home=settings.home,
            card=card,
            max_bytes=settings.queue_max_bytes,
            offline=settings.mode is Mode.OFFLINE,
        )
    unkept = ReadOnlySink() if settings.mode is Mode.READ_ONLY else NoSink()
    recorder = make_recorder(queue if queue is not None else unkept, reraise=settings.reraise)
    for path, step in next_steps.items():
        recorder.track(path).next_step = step
    identity = Identity(
        run_id=run_id,
        project=project_name,
        url=settings.url,
        monitoring=monitoring,
        stop_timeout_s=settings.stop_timeout_s,
        fail_on_exception=fail_on_exception,
        capture_traceback=capture_traceback,
        keeps=queue is not None,
        sends=sends,
        leads=leads,
    )
    connect = (lambda: connect_reader(settings)) if sends else None
    syncer = syncer_of(settings, run_id)
    read_back = ReadBack(run_id=run_id, recorder=recorder, connect=connect, syncer=syncer)
    run = Run(identity=identity, recorder=recorder, read_back=read_back, say=say, syncer=syncer)
    if queue is None:
        return run

    rewind = rewind_of(history, monitoring) if leads else None
    open_queue(recorder, queue, created_at if leads else None)
    if rewind is not None:
        recorder.sink.append(rewind)
    flag = stop_flag_of(queue) if sends else UNFLAGGED
    write_description(
        recorder,
        name=name,
        tags=all_tags,
        description=description,
        custom_run_id=settings.custom_run_id,
        group=group,
        group_tags=all_group_tags,
        seed=seed,
    )
    write_process(recorder, monitoring, rank, choice)
    watches: list[Companion] = watches_of(recorder, queue, alarms, costs=choice.hardware) if sends else []
    if INTERRUPTS_ITSELF and sends:
        watches.append(SelfInterrupt(flag))
    if sends:
        say(run.get_url())
    else:
        say(f"mode='offline': this run is kept in {queue.directory}; send it with: marigram sync")
    if settings.mode is Mode.SYNC:
        recorder.sink = WaitingSink(queue, timeout_s=SYNC_CALL_TIMEOUT_S)
    source = {"recorder": recorder, "choice": choice, "directory": FilePath.cwd()}
    run.begin(
        companions=[
            *console_captures(choice, line_writer_of(recorder, monitoring, next_steps), time.monotonic),
            *watches,
        ],
        provenance=threading.Thread(target=write_source, kwargs=source, name="marigram-source", daemon=True)
        if leads
        else None,
        stop_flag=flag,
        on_stop=on_stop,
    )
    return run


def _settings(
    *,
    url: str | None,
    api_token: str | None,
    mode: str | None,
    project: str | None,
    custom_run_id: str | None,
    with_id: str | None,
    proxies: Mapping[str, str] | None,
) -> Settings:
    """Return the environment's settings, with what was passed put over them."""
    if with_id is not None and custom_run_id is not None:
        message = "Both with_id and custom_run_id were given. Pass with_id to go on with a run, or custom_run_id."
        raise SettingError(message)
    settings = Settings.from_environment(os.environ)
    custom = check_text("custom_run_id", custom_run_id)
    address = parse_url(url) if url is not None else settings.url
    settings = msgspec.structs.replace(
        settings,
        url=address,
        proxy=proxy_of(proxies, address) or settings.proxy,
        token=check_text("api_token", api_token) or settings.token,
        mode=parse_mode(mode) if mode is not None else settings.mode,
        project=check_text("project", project) or settings.project,
        custom_run_id=custom or (settings.custom_run_id if with_id is None else None),
    )
    if settings.mode is Mode.READ_ONLY and with_id is None and settings.custom_run_id is None:
        message = "mode='read-only' reads a run that exists. Pass with_id='KEY-1'."
        raise SettingError(message)
    return settings
