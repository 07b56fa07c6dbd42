broker_url = "redis://localhost:6379/0"
task_default_queue = "letters"
worker_prefetch_multiplier = 1
result_expires = 3600
