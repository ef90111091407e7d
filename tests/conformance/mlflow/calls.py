"""The whole table of the MLflow client's calls and endpoints, in the order of its page."""

from __future__ import annotations

from conformance.mlflow.calls_table import Endpoint, Row, Section

EXPERIMENTS = Section(
    "Experiments",
    (
        Row(
            "create_experiment get_experiment get_experiment_by_name rename_experiment set_experiment "
            "set_experiment_tag set_experiment_tags",
            "an_experiment_is_made_found_renamed_and_tagged",
            "an experiment is a project, and every project an experiment",
        ),
        Row("delete_experiment_tag", "an_experiment_is_made_found_renamed_and_tagged", since=3),
        Row(
            "delete_experiment restore_experiment",
            "an_experiment_is_deleted_and_restored",
            "its runs count as deleted, and what still logs to them is kept",
        ),
        Row("search_experiments", "experiments_are_searched_ordered_and_paged", "all filters, orders, pages"),
    ),
)

RUNS = Section(
    "Runs",
    (
        Row("create_run update_run set_terminated get_run", "a_run_is_made_named_changed_and_ended"),
        Row(
            "start_run end_run active_run last_active_run get_artifact_uri log_params log_metrics set_tags delete_tag "
            "ActiveRun",
            "a_run_of_the_fluent_interface_says_who_and_what",
            "no console: MLflow sends none",
        ),
        Row("log_param set_tag log_batch", "params_and_tags_keep_their_limits", "MLflow's limits, codes and texts"),
        Row("delete_run restore_run", "runs_are_deleted_and_restored", "the trash"),
        Row("get_parent_run", "nested_runs_know_their_parent"),
        Row("log_input log_inputs", "datasets_are_noted_and_found"),
        Row("run", "a_project_runs_with_the_environment_that_mlflow_run_gives_it", "`mlflow run` and its variables"),
        Row("search_runs", "runs_are_found_by_every_kind_of_filter", "the whole grammar; orders and pages"),
    ),
)

METRICS = Section(
    "Metrics",
    (
        Row(
            "log_metric get_metric_history",
            "a_history_keeps_every_point_in_its_order",
            "all values of a step are kept; one that comes again is not doubled",
        ),
        Row(
            "flush_async_logging",
            "logging_from_other_threads_arrives",
            "and `synchronous=False`",
        ),
        Row(
            "enable_system_metrics_logging disable_system_metrics_logging set_system_metrics_sampling_interval "
            "set_system_metrics_samples_before_logging set_system_metrics_node_id",
            "the_machine_is_watched",
            "they are in monitoring",
        ),
    ),
)

ARTIFACTS = Section(
    "Artifacts",
    (
        Row(
            "log_artifact log_artifacts list_artifacts download_artifacts",
            "files_and_folders_are_logged_listed_and_fetched",
        ),
        Row(
            "log_text log_dict log_figure log_image log_table load_table Image",
            "figures_tables_texts_and_images_are_logged",
        ),
        Row("log_stream", "figures_tables_texts_and_images_are_logged", since=3),
        Row("flush_artifact_async_logging", "figures_tables_texts_and_images_are_logged"),
    ),
)

MODELS = Section(
    "Models",
    (
        Row(
            "autolog",
            "scikit_learn_logs_by_itself_beside_figures_tables_and_dictionaries",
            "of LightGBM and scikit-learn, tried with figures, tables and dictionaries",
        ),
        Row("pyfunc", "a_model_is_logged_and_loaded_by_run", "`load_model`, and `spark_udf` in Spark"),
        Row(
            "initialize_logged_model create_logged_model get_logged_model finalize_logged_model delete_logged_model "
            "log_model_params set_logged_model_tags delete_logged_model_tag log_model_artifact log_model_artifacts "
            "list_logged_model_artifacts last_logged_model",
            "a_logged_model_is_made_described_and_finished",
            since=3,
        ),
        Row("search_logged_models log_outputs", "logged_models_are_searched", since=3),
        Row(
            "create_external_model set_active_model clear_active_model get_active_model_id ActiveModel",
            "a_logged_model_is_made_described_and_finished",
            since=3,
        ),
    ),
)

REGISTRY = Section(
    "Model registry",
    (
        Row(
            "create_registered_model get_registered_model update_registered_model rename_registered_model "
            "delete_registered_model set_registered_model_tag delete_registered_model_tag",
            "a_model_is_registered_described_renamed_and_deleted",
        ),
        Row(
            "create_model_version get_model_version update_model_version delete_model_version set_model_version_tag "
            "delete_model_version_tag get_model_version_download_uri transition_model_version_stage "
            "get_model_version_stages get_latest_versions set_registered_model_alias get_model_version_by_alias "
            "delete_registered_model_alias",
            "versions_are_made_staged_named_and_deleted",
        ),
        Row("search_registered_models search_model_versions", "the_registry_is_searched"),
        Row(
            "register_model copy_model_version",
            "a_registered_model_is_loaded_by_version_alias_and_stage",
            "and `models:/name/1`, `models:/name@alias`, `models:/name/Production`",
        ),
    ),
)

PROMPTS = Section(
    "Prompts",
    (
        Row(
            "register_prompt load_prompt set_prompt_alias delete_prompt_alias",
            "prompts_are_registered_and_loaded",
            "a prompt is a registered model with a tag, which a search for models leaves out",
        ),
        Row(
            "create_prompt create_prompt_version delete_prompt delete_prompt_tag delete_prompt_version "
            "delete_prompt_version_tag get_prompt get_prompt_version get_prompt_version_by_alias search_prompts "
            "search_prompt_versions set_prompt_tag set_prompt_version_tag detach_prompt_from_run list_logged_prompts "
            "link_prompt_version_to_model link_prompt_version_to_run link_prompt_versions_to_trace log_prompt",
            "",
            "not tried",
        ),
    ),
)

NEEDS_NO_SERVER = Section(
    "What asks no server",
    (
        Row(
            "tracking_uri set_tracking_uri get_tracking_uri is_tracking_uri_set set_registry_uri get_registry_uri "
            "MlflowClient MlflowException doctor login parse_prompt_uri gateway validate_evaluation_results",
            "the_names_of_the_client",
        ),
        Row("context", "the_names_of_the_client", since=3),
    ),
)

NOT_SPOKEN = Section(
    "Not spoken",
    (
        Row(
            "trace add_trace start_trace end_trace start_span end_span start_span_no_context get_trace search_traces "
            "delete_traces set_trace_tag delete_trace_tag log_trace update_current_trace get_current_active_span "
            "get_active_trace_id get_last_active_trace get_last_active_trace_id flush_trace_async_logging "
            "link_traces_to_run unlink_traces_from_run search_sessions",
            "",
            "traces; a traced function runs and nothing of it is sent",
        ),
        Row(
            "log_assessment update_assessment delete_assessment get_assessment log_expectation update_expectation "
            "delete_expectation log_feedback update_feedback delete_feedback override_feedback log_issue evaluate test",
            "",
            "assessments and evaluation of language models",
        ),
        Row(
            "create_dataset get_dataset delete_dataset search_datasets set_dataset_tags delete_dataset_tag "
            "add_dataset_to_experiments remove_dataset_from_experiments",
            "",
            "data sets for evaluation; those that a run is given are above",
            since=3,
        ),
        Row("import_checkpoints", "", "of another product's volumes", since=3),
        Row("create_webhook get_webhook update_webhook delete_webhook list_webhooks test_webhook", "", "", since=3),
        Row(
            "create_workspace get_workspace get_workspace_store_uri list_workspaces set_workspace update_workspace "
            "delete_workspace",
            "",
            "an experiment's name can say the workspace: `workspace/name`",
            since=3,
        ),
        Row(
            "create_mcp_access_endpoint create_mcp_server create_mcp_server_version delete_mcp_access_endpoint "
            "delete_mcp_server delete_mcp_server_alias delete_mcp_server_tag delete_mcp_server_version "
            "delete_mcp_server_version_tag get_latest_mcp_server_version get_mcp_access_endpoint get_mcp_server "
            "get_mcp_server_version get_mcp_server_version_by_alias refresh_mcp_server_version_tools "
            "search_mcp_access_endpoints search_mcp_server_versions search_mcp_servers set_mcp_server_alias "
            "set_mcp_server_tag set_mcp_server_version_tag update_mcp_access_endpoint update_mcp_server "
            "update_mcp_server_version",
            "",
            "",
            since=3,
        ),
    ),
)

SECTIONS = (EXPERIMENTS, RUNS, METRICS, ARTIFACTS, MODELS, REGISTRY, PROMPTS, NEEDS_NO_SERVER, NOT_SPOKEN)

_TRACKING = "/api/2.0/mlflow/"
_OF_TRACKING = tuple(
    Endpoint(method, _TRACKING + path)
    for method, path in (
        ("POST", "experiments/create"),
        ("GET", "experiments/get"),
        ("GET", "experiments/get-by-name"),
        ("GET", "experiments/search"),
        ("POST", "experiments/search"),
        ("POST", "experiments/update"),
        ("POST", "experiments/delete"),
        ("POST", "experiments/restore"),
        ("POST", "experiments/set-experiment-tag"),
        ("POST", "experiments/delete-experiment-tag"),
        ("POST", "runs/create"),
        ("GET", "runs/get"),
        ("POST", "runs/update"),
        ("POST", "runs/delete"),
        ("POST", "runs/restore"),
        ("POST", "runs/log-metric"),
        ("POST", "runs/log-parameter"),
        ("POST", "runs/log-batch"),
        ("POST", "runs/set-tag"),
        ("POST", "runs/delete-tag"),
        ("POST", "runs/search"),
        ("POST", "runs/log-inputs"),
        ("POST", "runs/log-model"),
        ("POST", "runs/outputs"),
        ("GET", "metrics/get-history"),
        ("GET", "artifacts/list"),
        ("POST", "logged-models"),
        ("GET", "logged-models/{}"),
        ("PATCH", "logged-models/{}"),
        ("DELETE", "logged-models/{}"),
        ("POST", "logged-models/search"),
        ("PATCH", "logged-models/{}/tags"),
        ("DELETE", "logged-models/{}/tags/{}"),
        ("POST", "logged-models/{}/params"),
        ("GET", "logged-models/{}/artifacts/directories"),
        ("POST", "registered-models/create"),
        ("POST", "registered-models/rename"),
        ("PATCH", "registered-models/update"),
        ("DELETE", "registered-models/delete"),
        ("GET", "registered-models/get"),
        ("GET", "registered-models/search"),
        ("POST", "registered-models/get-latest-versions"),
        ("POST", "registered-models/set-tag"),
        ("DELETE", "registered-models/delete-tag"),
        ("POST", "registered-models/alias"),
        ("GET", "registered-models/alias"),
        ("DELETE", "registered-models/alias"),
        ("POST", "model-versions/create"),
        ("PATCH", "model-versions/update"),
        ("POST", "model-versions/transition-stage"),
        ("DELETE", "model-versions/delete"),
        ("GET", "model-versions/get"),
        ("GET", "model-versions/search"),
        ("GET", "model-versions/get-download-uri"),
        ("POST", "model-versions/set-tag"),
        ("DELETE", "model-versions/delete-tag"),
    )
)
ENDPOINTS = (
    *_OF_TRACKING,
    Endpoint("PUT", "/api/2.0/mlflow-artifacts/artifacts/{}"),
    Endpoint("GET", "/api/2.0/mlflow-artifacts/artifacts/{}"),
    Endpoint("DELETE", "/api/2.0/mlflow-artifacts/artifacts/{}"),
    Endpoint("GET", "/api/2.0/mlflow-artifacts/artifacts"),
    Endpoint("POST", "/api/2.0/mlflow-artifacts/mpu/create/{}"),
    Endpoint("PUT", "/api/2.0/mlflow-artifacts/mpu/part/{}", "where the parts of an upload go"),
    Endpoint("POST", "/api/2.0/mlflow-artifacts/mpu/complete/{}"),
    Endpoint("POST", "/api/2.0/mlflow-artifacts/mpu/abort/{}"),
    Endpoint("GET", "/version", "of MLflow's protocol: 3.3, the last without traces"),
    Endpoint("GET", "/api/3.0/mlflow/server-info"),
    Endpoint("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk"),
    Endpoint("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"),
    Endpoint("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets"),
)
