broker_url = "redis://localhost:6379/0"
task_default_que = "letters"
worker_prefetch_multiplyer = 1
result_expire = 3600
