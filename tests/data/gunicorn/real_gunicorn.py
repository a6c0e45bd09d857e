"""Ask the real gunicorn: one JSON request a line on standard input, one JSON answer a line on standard output.

Only configuration files that the tests themselves wrote are given to it. Each request runs in a child process of its own,
with the environment and the CPU count it names. ``config``: what the file sets, after gunicorn's validators. ``arguments``:
what the whole of gunicorn's ``load_config`` makes of a command line, or its error.
"""

import contextlib
import io
import json
import multiprocessing
import os
import signal
import sys

from gunicorn import config as gunicorn_config
from gunicorn.app import base, wsgiapp
from gunicorn.config import Config


def shown(value):
    if isinstance(value, type):
        module = "" if value.__module__ == "__config__" else value.__module__ + "."
        return f"<class {value.__name__}>" if not module else module + value.__qualname__
    if callable(value):
        return f"<function {value.__name__}>"
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((shown(item) for item in value), key=repr)
    if isinstance(value, dict):
        return [[key, shown(item)] for key, item in value.items()]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return repr(value)


def config(request):
    cfg = Config()
    app = base.Application.__new__(base.Application)
    app.cfg = cfg
    values, errors = {}, {}
    try:
        names = app.get_config_from_filename(request["path"])
    except SystemExit as error:
        return {"status": "raises", "error": str(error)}
    for name, value in list(names.items()):
        if name in cfg.settings:
            try:
                cfg.set(name, value)
            except Exception as error:
                errors[name] = f"{type(error).__name__}: {error}"
            else:
                values[name] = shown(cfg.settings[name].get())
    return {"status": "ok", "values": values, "errors": errors}


def arguments(request):
    sys.argv = ["gunicorn", *request["words"]]
    os.chdir(request["directory"])
    gunicorn_config.Chdir.default = request["directory"]  # gunicorn asks for it when it is imported

    class Application(wsgiapp.WSGIApplication):
        def __init__(self):
            self.usage = self.callable = self.logger = self.prog = None
            self.load_default_config()
            self.load_config()

    app = Application()
    assert app.cfg.env is not None  # what the arbiter asks first
    return {
        "status": "ok",
        "values": {name: shown(setting.get()) for name, setting in app.cfg.settings.items()},
        "app": app.app_uri,
    }


def answer(request):
    for name in list(os.environ):
        del os.environ[name]
    os.environ.update(request.get("env", {}))
    cpus = request.get("cpus", 4)
    os.cpu_count = lambda: cpus
    multiprocessing.cpu_count = lambda: cpus
    os.sched_getaffinity = lambda pid: set(range(cpus))
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            return {"config": config, "arguments": arguments}[request["kind"]](request)
    except SystemExit as error:
        return {"status": "exits", "error": noise.getvalue()[-2000:], "code": str(error)}
    except Exception as error:
        return {"status": "raises", "error": f"{type(error).__name__}: {error}"}


def main():
    sys.dont_write_bytecode = True
    for line in sys.stdin:
        request = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            os.close(reader)
            with os.fdopen(writer, "w") as stream:
                json.dump(answer(request), stream)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as stream:
            text = stream.read()
        os.waitpid(child, 0)
        print(text or '{"status": "died"}', flush=True)


main()
