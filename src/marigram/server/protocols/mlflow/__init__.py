"""MLflow's tracking protocol, spoken by the unmodified `mlflow` clients 2.22 and 3.x.

An experiment is a project and a run is a run: what MLflow's clients log is seen in the web app and by every other
client, and the other way round. Not spoken are traces, evaluation, the gateway, workspaces and webhooks: such
a request is answered with ENDPOINT_NOT_FOUND and logged once.

What makes a client's retry safe: parameters and tags are set, not added, and a point whose metric, step, time and value
are there already is dropped. So a request that is sent again because its answer was lost changes nothing. Two requests
make something new each time: the creation of a run, of which a second one stays empty, and that of an experiment, of
which the second is refused.

The parts: `reading` makes messages of requests, `decode` makes operations of messages, `encode` makes messages of what
the query door answers, and each `…_routes` module holds the endpoints of one family.
"""

from marigram.server.protocols.mlflow.routes import mlflow_routes, mlflow_version_route

__all__ = ["mlflow_routes", "mlflow_version_route"]
