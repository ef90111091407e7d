"""The whole table of the Neptune 1.x client's calls, in the order of its page."""

from __future__ import annotations

from conformance.native.neptune_handler_calls import HANDLER
from conformance.native.neptune_project_calls import MANAGEMENT, MODELS, PROJECT, TABLE
from conformance.native.neptune_run_calls import ARGUMENTS, MODULE, RUN
from conformance.native.neptune_type_calls import FILES, INTEGRATIONS, TYPES, UTILS

SECTIONS = (MODULE, ARGUMENTS, RUN, HANDLER, FILES, TYPES, UTILS, INTEGRATIONS, PROJECT, TABLE, MODELS, MANAGEMENT)
