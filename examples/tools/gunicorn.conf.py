"""The language model behind some of the tools takes its time, so workers get two minutes."""

import os

bind = "0.0.0.0:" + os.environ.get("PORT", "8000")
worker_class = "sync"
timeout = 120
graceful_timeout = 30
max_requests = 1000
max_requests_jitter = 100
worker_tmp_dir = "/dev/shm"
