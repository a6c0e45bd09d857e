"""What gunicorn will really run with: settings by release, its command line, its configuration file, its precedence.

The way in is ``effective.effective``; its answer is a ``run.GunicornRun``.
"""
