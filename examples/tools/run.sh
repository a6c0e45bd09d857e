#!/bin/sh
set -eu
exec gunicorn --timeout "${GUNICORN_TIMEOUT:-60}" --workers "${GUNICORN_WORKERS:-2}" app:app
