from celery import Celery

app = Celery("vans", broker="redis://localhost:6379/0")
app.conf.update(
    worker_max_memory_per_child=512,
    broker_pool_limit="10",
    task_acks_late="False",
    result_backend="rediss://cache:6379/0",
)
app.conf.worker_concurrency = 4,
