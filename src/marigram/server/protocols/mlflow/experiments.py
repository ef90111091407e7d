"""`Experiments`: which project an experiment is, and what is said of it.

Every project is an experiment and every experiment a project. A name that names a project, `workspace/name`, is that
project; any other one gets a project in the workspace `mlflow`. What is said of an experiment is kept in the project's
own run; here is only remembered which ids and names there are, and looked up again when one is not known. Any thread.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Mapping, Sequence

import msgspec

from marigram.model import InvalidProjectNameError, ProjectName, parse_project_name, project_run_id
from marigram.server.protocols.mlflow.decode import (
    ACTIVE,
    DEFAULT_ID,
    DEFAULT_NAME,
    DEFAULT_PROJECT,
    experiment_id,
)
from marigram.server.protocols.mlflow.encode import experiment_of
from marigram.server.protocols.mlflow.errors import MlflowError, invalid, missing, taken
from marigram.server.protocols.mlflow.limits import MOST_NAME_CHARACTERS
from marigram.server.protocols.mlflow.messages.experiments import Experiment
from marigram.server.protocols.mlflow.places import OWN, TAGS
from marigram.server.protocols.mlflow.reading import missing_parameter
from marigram.server.query import ProjectRow, Query, RunRecord

WORKSPACE = "mlflow"
_SAID = (OWN, TAGS)
_SLUG_CHARACTERS = 100
_HASH_CHARACTERS = 8


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment and its project."""

    project: ProjectName
    experiment: Experiment


class Experiments:
    """Finds experiments."""

    def __init__(self, *, query: Query) -> None:
        self._query = query
        self._lock = threading.Lock()
        self._projects: dict[str, ProjectName] = {DEFAULT_ID: DEFAULT_PROJECT}
        self._names: dict[str, ProjectName] = {DEFAULT_NAME: DEFAULT_PROJECT}
        self._created: dict[ProjectName, int] = {}

    def project(self, id_: str) -> ProjectName:
        """Return the project of the experiment with this id.

        Raises:
            MlflowError: there is none.
        """
        found = self._projects.get(id_)
        if found is None:
            self.all()
            found = self._projects.get(id_)
        if found is None:
            message = f"No Experiment with id={id_} exists"
            raise missing(message)
        return found

    def by_id(self, id_: str) -> Known:
        """Return the experiment with this id.

        Raises:
            MlflowError: there is none.
        """
        return self.of_projects([self.project(id_)])[0]

    def by_name(self, name: str) -> Known:
        """Return the experiment with this name; the name of its project will do.

        Raises:
            MlflowError: there is none.
        """
        for attempt in range(2):
            project = self._names.get(name)
            if project is not None:
                known = self.of_projects([project])[0]
                if name in {known.experiment.name, known.project}:
                    return known
            if attempt == 0:
                self.all()
        message = f"Could not find experiment with name '{name}'"
        raise missing(message)

    def active(self, id_: str) -> Known:
        """Return the experiment with this id, which must not be deleted.

        Raises:
            MlflowError: there is none, or it is deleted.
        """
        known = self.by_id(id_)
        if known.experiment.lifecycle_stage != ACTIVE:
            message = (
                f"The experiment {id_} must be in the 'active' state. "
                f"Current state is {known.experiment.lifecycle_stage}."
            )
            raise invalid(message)
        return known

    def all(self) -> list[Known]:
        """Return all experiments, in no particular order, and remember which there are."""
        rows = {row.name: row for row in self._query.projects()}
        if DEFAULT_PROJECT not in rows:
            rows[DEFAULT_PROJECT] = _row_of(DEFAULT_PROJECT, at=0)
        return self._read(rows)

    def of_projects(self, projects: Sequence[ProjectName]) -> list[Known]:
        """Return the experiments that these projects are, in this order."""
        records = self._records(projects)
        return [self._known(_row_of(project, at=self._created.get(project, 0)), records) for project in projects]

    def experiment(self, project: ProjectName) -> Experiment:
        """Return the experiment that a project is."""
        return self.of_projects([project])[0].experiment

    def location(self, project: ProjectName) -> str:
        """Return where the experiment keeps artifacts."""
        return self.experiment(project).artifact_location

    def project_for(self, name: str) -> ProjectName:
        """Return the project that a new experiment with this name is to be: one that no other experiment is."""
        known = {each.project for each in self.all()}
        try:
            wanted = parse_project_name(name)
        except InvalidProjectNameError:
            wanted = ProjectName(f"{WORKSPACE}/{_slug(name)}")
        if wanted not in known or wanted == name:
            return wanted
        # The project's first name was another one, which it has given up.
        number = 2
        while ProjectName(f"{wanted}-{number}") in known:
            number += 1
        return ProjectName(f"{wanted}-{number}")

    def remember(self, project: ProjectName, name: str) -> None:
        """Note an experiment that is new, or has a new name."""
        with self._lock:
            self._projects[experiment_id(project)] = project
            self._names = {each: home for each, home in self._names.items() if home != project}
            self._names.update({project: project, name: project})

    def _read(self, rows: Mapping[ProjectName, ProjectRow]) -> list[Known]:
        records = self._records(list(rows))
        found = [self._known(row, records) for row in rows.values()]
        with self._lock:
            self._created = {row.name: row.created_at for row in rows.values()}
            self._projects = {each.experiment.experiment_id: each.project for each in found}
            # A name that somebody gave wins over the project's own, should they be the same.
            self._names = {each.project: each.project for each in found}
            self._names.update({each.experiment.name: each.project for each in found})
        return found

    def _records(self, projects: Sequence[ProjectName]) -> dict[str, RunRecord]:
        own = [project_run_id(project) for project in projects]
        return {record.run.id: record for record in self._query.records(own, below=_SAID)}

    def _known(self, row: ProjectRow, records: Mapping[str, RunRecord]) -> Known:
        record = records.get(project_run_id(row.name))
        if record is not None and not row.created_at:
            row = msgspec.structs.replace(row, created_at=record.run.created_at)
        return Known(project=row.name, experiment=experiment_of(row, record.attributes if record else ()))


def check_name(name: str) -> None:
    """Check the name of an experiment.

    Raises:
        MlflowError: it is none.
    """
    if not name:
        raise missing_parameter("name")  # noqa: EM101 - a name, not a message
    if len(name) > MOST_NAME_CHARACTERS:
        message = (
            f"'name' exceeds the maximum length of {MOST_NAME_CHARACTERS} characters: it has {len(name)}. Shorten it."
        )
        raise invalid(message)


def exists_already(known: Known) -> MlflowError:
    """Return the error of a name that another experiment has."""
    name, stage = known.experiment.name, known.experiment.lifecycle_stage
    if stage == ACTIVE:
        return taken(f"Experiment(name={name}) already exists.")
    return taken(
        f"Experiment '{name}' already exists in deleted state. You can restore the experiment, or permanently delete "
        "it to create a new one."
    )


def _row_of(project: ProjectName, *, at: int) -> ProjectRow:
    return ProjectRow(name=project, run_count=0, running_count=0, created_at=at, heard_at=at)


def _slug(name: str) -> str:
    """Return the part of a project's name that stands for a name; two names never have the same one."""
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:_SLUG_CHARACTERS]
    if kept == name:
        return kept
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:_HASH_CHARACTERS]
    return f"{kept}-{digest}" if kept else digest
