"""What is known of settings beyond Celery's own table; kept by hand.

Documented names that `celery.app.defaults` lacks, names that people write instead of Celery's, the
keys of transport options, and the values that some settings take.
"""

from __future__ import annotations

from typing import Final

#: Documented or read by Celery, and not in its table of defaults.
DOCUMENTED: Final = frozenset(
    [
        *("beat_executable", "beat_gid", "beat_logfile", "beat_pidfile", "beat_uid", "beat_umask"),
        *("bucket", "cassandra_secure_bundle_path", "collection", "database", "events_executable"),
        *("events_gid", "events_logfile", "events_pidfile", "events_uid", "events_umask"),
        *("gcs_threadpool_maxsize", "host", "http_protocol", "override_backends", "password"),
        *("port", "redis_backend_credential_provider", "redis_backend_health_check_interval"),
        *("redis_client_name", "result_backend_thread_safe", "username", "verify"),
        *("worker_executable", "worker_gid", "worker_logfile", "worker_pidfile", "worker_uid"),
        "worker_umask",
    ]
)
#: Lower-case and without prefix: what people write -> the setting that they mean.
SETTING_CONFUSIONS: Final[dict[str, str]] = {
    "soft_time_limit": "task_soft_time_limit",
    "time_limit": "task_time_limit",
    "task_soft_limit": "task_soft_time_limit",
    "task_hard_time_limit": "task_time_limit",
    "worker_soft_time_limit": "task_soft_time_limit",
    "worker_time_limit": "task_time_limit",
    "max_tasks_per_child": "worker_max_tasks_per_child",
    "worker_max_tasks": "worker_max_tasks_per_child",
    "max_memory_per_child": "worker_max_memory_per_child",
    "prefetch_multiplier": "worker_prefetch_multiplier",
    "worker_prefetch_count": "worker_prefetch_multiplier",
    "concurrency": "worker_concurrency",
    "send_task_events": "worker_send_task_events",
    "task_late_acks": "task_acks_late",
    "task_retry_on_worker_loss": "task_retry_on_worker_lost",
    "task_reject_on_worker_loss": "task_reject_on_worker_lost",
    "task_eager_propagates_exceptions": "task_eager_propagates",
    "task_result_expires": "result_expires",
    "task_ignore_results": "task_ignore_result",
    "task_routing": "task_routes",
    "task_rate_limit": "task_default_rate_limit",
    "beat_schedules": "beat_schedule",
    "worker_pool_type": "worker_pool",
    "result_backend_url": "result_backend",
    "task_compress": "task_compression",
}
#: The same, of names that are too common to be meant as settings but on `app.conf`, under the
#: application's prefix, or in a module that it loads.
CONF_CONFUSIONS: Final[dict[str, str]] = {
    "broker": "broker_url",
    "backend": "result_backend",
    "transport_options": "broker_transport_options",
    "backend_transport_options": "result_backend_transport_options",
    "queues": "task_queues",
    "routes": "task_routes",
    "annotations": "task_annotations",
    "schedule": "beat_schedule",
    "schedules": "beat_schedule",
    "always_eager": "task_always_eager",
    "acks_late": "task_acks_late",
    "track_started": "task_track_started",
    "ignore_result": "task_ignore_result",
    "serializer": "task_serializer",
    "default_queue": "task_default_queue",
    "content": "accept_content",
    "task_queue": "task_queues",
}
#: Settings that no Celery 5 reads, whatever it is called: what did it, or what to use.
REMOVED_SETTINGS: Final[dict[str, str]] = {
    "CELERY_SEND_TASK_ERROR_EMAILS": "Celery 4 stopped sending mail: use on_failure or task_failure",
    "CELERY_TASK_ERROR_WHITELIST": "Celery 4 stopped sending mail: use on_failure or task_failure",
    "CELERY_ANON_ERROR_EMAILS": "Celery 4 stopped sending mail: use on_failure or task_failure",
    "CELERY_CHORD_PROPAGATES": "chords always propagate errors",
    "CELERYD_FORCE_EXECV": "prefork no longer needs it",
    "CELERYD_AUTORELOADER": "the autoreloader is gone: restart the worker with watchfiles",
    "CELERYD_LOG_FILE": "use the worker's --logfile",
    "CELERYD_LOG_LEVEL": "use the worker's --loglevel",
    "CELERYBEAT_LOG_FILE": "use beat's --logfile",
    "CELERYBEAT_LOG_LEVEL": "use beat's --loglevel",
    "CELERYD_MEDIATOR": "the worker has no mediator any more",
    "CELERYD_ETA_SCHEDULER_PRECISION": "use worker_timer_precision",
    "CELERY_AMQP_TASK_RESULT_EXPIRES": "the amqp backend is gone: use rpc:// and result_expires",
    "CELERY_BROADCAST_QUEUE": "broadcast queues are declared in task_queues",
    "CELERY_BROADCAST_EXCHANGE": "broadcast queues are declared in task_queues",
    "CELERY_BROADCAST_EXCHANGE_TYPE": "broadcast queues are declared in task_queues",
    "BROKER_INSIST": "no transport knows it any more",
}
#: Keys of `broker_transport_options` and `result_backend_transport_options`.
TRANSPORT_KEYS: Final = frozenset(
    [
        *("visibility_timeout", "fanout_prefix", "fanout_patterns", "socket_timeout", "region"),
        *("socket_connect_timeout", "socket_keepalive", "socket_keepalive_options"),
        *("retry_on_timeout", "max_connections", "priority_steps", "queue_order_strategy"),
        *("polling_interval", "queue_name_prefix", "predefined_queues", "wait_time_seconds"),
        *("max_retries", "interval_start", "interval_step", "interval_max", "master_name"),
        *("sentinel_kwargs", "global_keyprefix", "health_check_interval", "data_folder_in"),
        *("data_folder_out", "processed_folder", "store_processed", "control_folder"),
        *("confirm_publish", "client_properties", "login_method", "retry_policy"),
        *("result_chord_ordered", "stall_timeout", "ack_deadline_seconds"),
    ]
)
#: Seconds after which an unacknowledged message is delivered again, where nothing sets it.
#: kombu/transport/redis.py (Channel.visibility_timeout), kombu/transport/SQS/__init__.py.
VISIBILITY_TIMEOUTS: Final = {"redis": 3600, "sqs": 1800}
#: What kombu registers: name and content type.
SERIALIZERS: Final = frozenset(
    [
        *("json", "pickle", "yaml", "msgpack", "auth"),
        *("application/json", "application/x-python-serialize", "application/x-yaml"),
        *("application/x-msgpack", "application/data", "application/text", "raw"),
    ]
)
CONTENT_TYPES: Final = {
    "json": "application/json",
    "pickle": "application/x-python-serialize",
    "yaml": "application/x-yaml",
    "msgpack": "application/x-msgpack",
    "auth": "application/data",
}
