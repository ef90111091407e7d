"""All commands and their options. What a command does stands in a file of its own."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated

import typer

from marigram import version

app = typer.Typer(
    name="marigram",
    help="Record training runs as they happen, and watch, search and compare them in a browser.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
token_app = typer.Typer(help="Make tokens, which a server asks for once it has one.", no_args_is_help=True)
app.add_typer(token_app, name="token")
runs_app = typer.Typer(help="List a project's runs, and put runs into the trash.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")

Data = Annotated[
    FilePath | None,
    typer.Option("--data", metavar="DIR", help="Folder that holds all the server knows [default: in the user's data]."),
]
Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Home = Annotated[
    FilePath | None,
    typer.Argument(metavar="[DIR]", help="Folder of the queues [default: MARIGRAM_HOME].", show_default=False),
]
ServerUrl = Annotated[str | None, typer.Option("--url", help="Server [default: MARIGRAM_URL].")]
ProjectArgument = Annotated[str, typer.Argument(metavar="PROJECT", help="The project, workspace/name.")]
RunArguments = Annotated[list[str], typer.Argument(metavar="RUN...", help="Keys or ids of runs.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port to listen on; 0 takes a free one.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"marigram {version.VERSION}")
        raise typer.Exit


@app.callback()
def _marigram(  # pyright: ignore[reportUnusedFunction] typer calls it
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 6274,
    data: Data = None,
    open_to_network: Annotated[
        bool,
        typer.Option("--open-to-network", help="Serve other machines without asking for a token. Everybody may write."),
    ] = False,
) -> None:
    """Start the server. Stop it with Ctrl-C."""
    from marigram.cli.up import run_server

    run_server(host=host, port=port, data=data, open_to_network=open_to_network)


@app.command()
def demo(
    port: Port = 6274,
    data: Data = None,
    once: Annotated[
        bool, typer.Option("--once", help="End after training; exit 0 only if all could be read back.")
    ] = False,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Boosting rounds to train.")] = 300,
    browser: Annotated[bool, typer.Option(help="Open the run's page, if there is a display.")] = True,
) -> None:
    """Start a server, train a real model and watch it live."""
    from marigram.cli.demo import run_demo

    run_demo(port=port, data=data, once=once, rounds=rounds, browser=browser)


@app.command()
def sync(
    home: Home = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on, and send what new runs queue, until Ctrl-C.")
    ] = False,
    url: Annotated[
        str | None, typer.Option("--url", help="Server to send to [default: the one each run was made for].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of each run as JSON.")] = False,
) -> None:
    """Send what runs have left on this machine's disk, because no server was there when they ended."""
    from marigram.cli.sync import send_leftovers

    send_leftovers(home, url, follow=follow, as_json=as_json)


@app.command()
def status(
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every queue as JSON.")] = False,
) -> None:
    """Say what waits on this machine's disk, whether somebody sends it, and what went wrong."""
    from marigram.cli.status import show_status

    show_status(home, as_json=as_json)


@app.command()
def clear(
    home: Home = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the ids of the removed queues as JSON.")] = False,
) -> None:
    """Remove queues of this machine that the server has in full, or whose run was trashed or deleted there."""
    from marigram.cli.status import clear_queues

    clear_queues(home, yes=yes, as_json=as_json)


@runs_app.command("list")
def runs_list(
    project: ProjectArgument,
    query: Annotated[
        str | None, typer.Option("--query", metavar="QUERY", help="Which runs: '`train/loss` < 0.5 AND lr >= 0.1'.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", metavar="PATHS", help="Paths to show, with commas between them.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Most runs to list; 0: all.")] = 50,
    sort_by: Annotated[str, typer.Option("--sort-by", metavar="PATH", help="Path to sort by.")] = "sys/creation_time",
    ascending: Annotated[bool, typer.Option("--ascending", help="Smallest first.")] = False,
    trashed: Annotated[bool, typer.Option("--trashed", help="List the runs in the trash instead.")] = False,
    url: ServerUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the runs as JSON.")] = False,
) -> None:
    """List runs of a project, the newest first."""
    from marigram.cli.runs import list_runs

    list_runs(
        project,
        query=query,
        columns=columns,
        limit=limit,
        sort_by=sort_by,
        ascending=ascending,
        trashed=trashed,
        url=url,
        as_json=as_json,
    )


@runs_app.command("trash")
def runs_trash(project: ProjectArgument, runs: RunArguments, url: ServerUrl = None) -> None:
    """Put runs into the trash: no table shows them, and they can be restored."""
    from marigram.cli.runs import change_runs

    change_runs(project, runs, how=lambda opened, ids: opened.trash_runs(ids), url=url)


@runs_app.command("restore")
def runs_restore(project: ProjectArgument, runs: RunArguments, url: ServerUrl = None) -> None:
    """Take runs out of the trash."""
    from marigram.cli.runs import change_runs

    change_runs(project, runs, how=lambda opened, ids: opened.restore_runs(ids), url=url)


@runs_app.command("delete")
def runs_delete(
    project: ProjectArgument,
    runs: RunArguments,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    url: ServerUrl = None,
) -> None:
    """Delete runs that are in the trash, for good."""
    from marigram.cli.runs import change_runs

    if not yes:
        typer.confirm(f"Delete {', '.join(runs)} for good?", abort=True)
    change_runs(project, runs, how=lambda opened, ids: opened.delete_runs(ids), url=url)


@app.command()
def stop(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Id of the run, or its key together with --project.")],
    abort: Annotated[
        bool, typer.Option("--abort", help="Interrupt it as Ctrl-C does, and kill it after the grace period.")
    ] = False,
    kill: Annotated[bool, typer.Option("--kill", help="Kill it and all that it has started, at once.")] = False,
    grace_s: Annotated[float, typer.Option("--grace-s", min=0, help="Seconds from interrupt to kill.")] = 30.0,
    project: Annotated[str | None, typer.Option("--project", help="Project of the key, workspace/name.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="Server [default: MARIGRAM_URL].")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the request as JSON.")] = False,
) -> None:
    """Ask a run to stop, wherever it runs; by default it is left to the script when it does."""
    from marigram.cli.stop import stop_run
    from marigram.model import StopHow

    if abort and kill:
        typer.echo("marigram: --abort and --kill exclude each other. Choose one.", err=True)
        raise typer.Exit(2)
    how = StopHow.KILL if kill else StopHow.ABORT if abort else StopHow.GRACEFUL
    stop_run(run, how=how, grace_s=grace_s, project=project, url=url, as_json=as_json)


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Option("--name", help="What the token is for.")] = "",
    data: Data = None,
) -> None:
    """Make a token and print it once; only its hash is kept. From then on the server asks for one."""
    from marigram.cli.token import create_token

    create_token(name=name, data=data)


@app.command()
def backup(
    folder: Annotated[FilePath, typer.Argument(metavar="DIR", help="Folder for the backup; an older one is renewed.")],
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was copied as JSON.")] = False,
) -> None:
    """Copy all that a server knows, while it runs."""
    from marigram.cli.backup import back_up

    back_up(folder, data=data, as_json=as_json)


@app.command()
def restore(
    folder: Annotated[FilePath, typer.Argument(metavar="DIR", help="Folder of the backup.")],
    data: Data = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the data that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was restored as JSON.")] = False,
) -> None:
    """Put a backup into a data folder that no server uses."""
    from marigram.cli.backup import restore as restore_data

    restore_data(folder, data=data, force=force, as_json=as_json)


@app.command()
def doctor(
    data: Data = None,
    quick: Annotated[bool, typer.Option("--quick", help="Do not compare SQLite's indexes with its tables.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Remove what nobody can reach; no server may run.")] = False,
    give_up_damaged: Annotated[
        bool, typer.Option("--give-up-damaged", help="Repair, and remove points that are damaged; they are lost.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is wrong as JSON.")] = False,
) -> None:
    """Read all that a server has stored, and name what is damaged, missing or left over."""
    from marigram.cli.doctor import examine

    examine(data, quick=quick, repair=repair, give_up_damaged=give_up_damaged, as_json=as_json)


@app.command()
def storage(
    project: Annotated[str | None, typer.Option("--project", help="Only this project, workspace/name.")] = None,
    run: Annotated[str | None, typer.Option("--run", help="Only this run, by id, or by key with --project.")] = None,
    url: ServerUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all sizes in bytes as JSON.")] = False,
) -> None:
    """Say what projects, runs and series take of the server's disk."""
    from marigram.cli.storage import show_storage

    show_storage(project=project, run=run, url=url, as_json=as_json)


@app.command()
def retention(
    data: Data = None,
    trash_days: Annotated[
        float | None, typer.Option("--trash-days", min=0, help="Delete runs for good that were in the trash so long.")
    ] = None,
    keep_files: Annotated[
        list[str] | None,
        typer.Option(
            "--keep-files", metavar="PATH=N", help="Runs that have ended keep the last N files below PATH; repeatable."
        ),
    ] = None,
    keep_best: Annotated[
        list[str] | None,
        typer.Option(
            "--keep-best",
            metavar="PATH=N:NAME:min|max",
            help="Beside those, keep the N files with the least or largest NAME in their names, such as val_loss=0.21.",
        ),
    ] = None,
    thin_after_days: Annotated[
        float | None,
        typer.Option("--thin-after-days", min=0, help="Thin the float series of runs that ended so long ago."),
    ] = None,
    thin_to: Annotated[
        int | None, typer.Option("--thin-to", min=100, help="Points that a thinned series keeps at the most; 10,000.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Take away all rules but those that are given.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go, and set nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rules and what goes as JSON.")] = False,
) -> None:
    """Say or set what goes by itself, and when; a server follows within the hour."""
    from marigram.cli.retention import show_or_set

    show_or_set(
        data,
        trash_days=trash_days,
        keep_files=keep_files or [],
        keep_best=keep_best or [],
        thin_after_days=thin_after_days,
        thin_to=thin_to,
        off=off,
        dry_run=dry_run,
        as_json=as_json,
    )


def main() -> None:
    """Run the command line."""
    app()
