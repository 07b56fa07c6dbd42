from kombu import Queue

broker_url = "redis://localhost:6379/0"
task_queues = (Queue("mailing"))
