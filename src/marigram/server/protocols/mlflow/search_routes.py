"""Endpoints that search: for runs, for experiments, for data sets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from marigram.model import ProjectName
from marigram.server.protocols.mlflow.clauses import (
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Clause,
    check_operator,
    check_texts,
    clauses_of,
    holds,
    number_of_clause,
    orders_of,
)
from marigram.server.protocols.mlflow.decode import ACTIVE, DELETED
from marigram.server.protocols.mlflow.encode import inputs_of, run_message
from marigram.server.protocols.mlflow.endpoints import Endpoint
from marigram.server.protocols.mlflow.errors import MlflowError, invalid
from marigram.server.protocols.mlflow.experiments import Experiments, Known
from marigram.server.protocols.mlflow.messages.experiments import (
    DatasetPage,
    DatasetSummary,
    Experiment,
    ExperimentPage,
    SearchDatasets,
    SearchExperiments,
)
from marigram.server.protocols.mlflow.messages.runs import DatasetInput, RunPage, SearchRuns
from marigram.server.protocols.mlflow.paging import checked_most, page_of
from marigram.server.protocols.mlflow.places import INPUTS
from marigram.server.protocols.mlflow.reading import Asked
from marigram.server.protocols.mlflow.run_filters import DATASET_WORDS, TAG_WORDS, RunFilter, run_filter
from marigram.server.protocols.mlflow.run_order import RunOrder, in_order, run_orders
from marigram.server.query import And, BadQuestion, Query, RunChoice

MOST_RUNS = 50_000
MOST_EXPERIMENTS = 50_000
DEFAULT_PAGE = 1000
MOST_DATASET_EXPERIMENTS = 20
MOST_DATASETS = 1000

CONTEXT_TAG = "mlflow.data.context"
_STAGES = {"": False, "ACTIVE_ONLY": False, "1": False, "DELETED_ONLY": True, "2": True, "ALL": None, "3": None}
_ORDERS = {key: key for key in ("name", "experiment_id", "creation_time", "last_update_time")}


class SearchRoutes:
    """Searches."""

    def __init__(self, *, query: Query, experiments: Experiments) -> None:
        self._query = query
        self._experiments = experiments

    def endpoints(self) -> list[Endpoint]:
        """Return what answers."""
        return [
            Endpoint("POST", "runs/search", self._runs),
            Endpoint("POST", "experiments/search", self._search_experiments),
            Endpoint("GET", "experiments/search", self._search_experiments),
            Endpoint("POST", "experiments/search-datasets", self._datasets),
        ]

    async def _runs(self, asked: Asked) -> RunPage:
        message = await asked.message(SearchRuns)
        most = checked_most(message.max_results, default=DEFAULT_PAGE, most=MOST_RUNS)
        wanted = run_filter(message.filter)
        orders = run_orders(message.order_by)
        deleted = _deleted(message.run_view_type, "run_view_type")

        def search() -> RunPage:
            projects = self._projects(message.experiment_ids)
            ids = in_order(self._choices(projects, wanted, orders, deleted=deleted), orders)
            page, token = page_of(ids, token=message.page_token, most=most)
            experiments = {known.project: known.experiment for known in projects}
            records = self._query.records(page)
            runs = [run_message(record, experiment=experiments[record.run.project]) for record in records]
            return RunPage(runs=runs, next_page_token=token)

        return await asyncio.to_thread(_understood, search)

    def _projects(self, ids: Iterable[str]) -> list[Known]:
        """Return the experiments of these ids, each once; there are no runs in one that is unknown."""
        found: list[ProjectName] = []
        for id_ in dict.fromkeys(ids):
            try:
                found.append(self._experiments.project(id_))
            except MlflowError:
                continue
        return self._experiments.of_projects(found)

    def _choices(
        self, projects: Sequence[Known], wanted: RunFilter, orders: Sequence[RunOrder], *, deleted: bool | None
    ) -> list[RunChoice]:
        paths = [path for order in orders for path in order.paths]
        found: list[RunChoice] = []
        for known in projects:
            gone = known.experiment.lifecycle_stage == DELETED
            if gone and deleted is False:
                continue  # its runs count as deleted
            trashed = None if gone else deleted
            choice = self._query.chooser.choose(known.project, wanted.wanted, trashed=trashed, paths=paths)
            found.append(self._narrowed(known, choice, wanted.late) if wanted.late else choice)
        return found

    def _narrowed(self, known: Known, choice: RunChoice, late: Sequence[Clause]) -> RunChoice:
        """Return those of the runs for which the late clauses hold too."""
        about_data = [clause for clause in late if clause.entity in DATASET_WORDS]
        own = [clause for clause in late if clause.entity not in DATASET_WORDS]
        location = known.experiment.artifact_location
        rows = list(range(len(choice.run_ids)))
        for clause in own:
            rows = [row for row in rows if holds(clause, _attribute(choice, row, clause.key, location))]
        if about_data:
            inputs = self._inputs([choice.run_ids[row] for row in rows])
            rows = [row for row in rows if _uses(inputs.get(choice.run_ids[row], ()), about_data)]
        return RunChoice(
            run_ids=[choice.run_ids[row] for row in rows],
            created_at=[choice.created_at[row] for row in rows],
            ended_at=[choice.ended_at[row] for row in rows],
            places={path: [column[row] for row in rows] for path, column in choice.places.items()},
        )

    def _inputs(self, run_ids: Sequence[str]) -> dict[str, list[DatasetInput]]:
        records = self._query.records(run_ids, below=[f"{INPUTS}/datasets"])
        return {record.run.id: inputs_of(record.attributes).dataset_inputs for record in records}

    async def _search_experiments(self, asked: Asked) -> ExperimentPage:
        message = await asked.message(SearchExperiments)
        most = checked_most(message.max_results, default=DEFAULT_PAGE, most=MOST_EXPERIMENTS)
        clauses = [_checked(clause) for clause in clauses_of(message.filter)]
        orders = orders_of(message.order_by, _ORDERS) or [("creation_time", True)]
        if all(key != "experiment_id" for key, _ in orders):
            orders = [*orders, ("experiment_id", False)]
        deleted = _deleted(message.view_type, "view_type")
        found = [known.experiment for known in await asyncio.to_thread(self._experiments.all)]
        found = [each for each in found if deleted is None or (each.lifecycle_stage != ACTIVE) is deleted]
        found = [each for each in found if all(holds(clause, _said(each, clause)) for clause in clauses)]
        for key, descending in reversed(orders):
            found.sort(key=lambda each, key=key: getattr(each, key), reverse=descending)
        page, token = page_of(found, token=message.page_token, most=most)
        return ExperimentPage(experiments=tuple(page), next_page_token=token)

    async def _datasets(self, asked: Asked) -> DatasetPage:
        message = await asked.message(SearchDatasets)
        ids = message.experiment_ids
        if not ids:
            error = "SearchDatasets request must specify at least one experiment_id."
            raise invalid(error)
        if len(ids) > MOST_DATASET_EXPERIMENTS:
            error = (
                f"SearchDatasets request cannot specify more than {MOST_DATASET_EXPERIMENTS} experiment_ids. "
                f"Received {len(ids)} experiment_ids."
            )
            raise invalid(error)
        return DatasetPage(dataset_summaries=await asyncio.to_thread(self._used, ids))

    def _used(self, ids: Sequence[str]) -> list[DatasetSummary]:
        found: dict[DatasetSummary, None] = {}
        for known in self._projects(ids):
            choice = self._query.chooser.choose(known.project, And(()), trashed=False, paths=())
            for given in (each for inputs in self._inputs(choice.run_ids).values() for each in inputs):
                summary = DatasetSummary(
                    experiment_id=known.experiment.experiment_id,
                    name=given.dataset.name,
                    digest=given.dataset.digest,
                    context=_context(given),
                )
                found.setdefault(summary)
                if len(found) == MOST_DATASETS:
                    return list(found)
        return list(found)


def _understood(search: Callable[[], RunPage]) -> RunPage:
    try:
        return search()
    except BadQuestion as error:
        raise invalid(str(error)) from error


def _deleted(given: str | int | None, name: str) -> bool | None:
    """Return whether only what is deleted is wanted, or only what is not; None: both."""
    text = "" if given is None else str(given).upper()
    if text not in _STAGES:
        message = f"Invalid value '{given}' for parameter '{name}' supplied: use ACTIVE_ONLY, DELETED_ONLY or ALL."
        raise invalid(message)
    return _STAGES[text]


def _attribute(choice: RunChoice, row: int, name: str, location: str) -> str | int | None:
    match name:
        case "start_time":
            return choice.created_at[row]
        case "end_time":
            return choice.ended_at[row]
        case "artifact_uri":
            return f"{location}/{choice.run_ids[row]}/artifacts"
        case _:
            return choice.run_ids[row]


def _uses(inputs: Sequence[DatasetInput], clauses: Sequence[Clause]) -> bool:
    """Return whether each clause holds for one of the data sets."""
    return all(any(holds(clause, _fact(given, clause.key)) for given in inputs) for clause in clauses)


def _fact(given: DatasetInput, key: str) -> str | None:
    match key:
        case "name":
            return given.dataset.name
        case "digest":
            return given.dataset.digest
        case _:
            return _context(given)


def _context(given: DatasetInput) -> str | None:
    return next((tag.value for tag in given.tags if tag.key == CONTEXT_TAG), None)


def _checked(clause: Clause) -> Clause:
    """Return a clause about experiments, with its key as MLflow names it.

    Raises:
        MlflowError: it makes no sense.
    """
    if clause.entity in TAG_WORDS or clause.key == "name":
        check_operator(clause, TEXT_OPERATORS)
        check_texts(clause)
        return clause
    if clause.entity in {"", "attribute", "attributes"} and clause.key in {"creation_time", "last_update_time"}:
        check_operator(clause, NUMBER_OPERATORS)
        return number_of_clause(clause)
    message = (
        f"Invalid attribute key '{clause.key}' specified. Valid keys are ['creation_time', 'last_update_time', "
        "'name'], and tags."
    )
    raise invalid(message)


def _said(experiment: Experiment, clause: Clause) -> str | int | None:
    if clause.entity in TAG_WORDS:
        return next((tag.value for tag in experiment.tags if tag.key == clause.key), None)
    return {
        "name": experiment.name,
        "creation_time": experiment.creation_time,
        "last_update_time": experiment.last_update_time,
    }[clause.key]
