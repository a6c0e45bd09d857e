"""Applications: what their text says of interface, framework, adapters, and connections at import."""

# ruff: noqa: E501
from __future__ import annotations

import os
import pathlib
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from clock import ends_soon
from tree_of import image_of, workspace_of

from gwaudit.resolve.application import describe
from gwaudit.resolve.fact import Fact, Unknown


def facts_of(
    root: pathlib.Path, files: dict[str, str], target: str = "main:app", directory: str = "/app"
) -> dict[str, Fact]:
    workspace = workspace_of(root, files)
    return describe(workspace, image_of(workspace), directory, (), target)


APPLICATIONS = {
    "FastAPI": ("from fastapi import FastAPI\napp = FastAPI(title='x')\n", "asgi", "FastAPI", False),
    "Starlette": ("import starlette.applications as sa\napp = sa.Starlette(routes=[])\n", "asgi", "Starlette", False),
    "Litestar": ("from litestar import Litestar\napp: Litestar = Litestar()\n", "asgi", "Litestar", False),
    "Quart": ("from quart import Quart\napp = Quart(__name__)\n", "asgi", "Quart", False),
    "Flask": ("from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef index(): ...\n", "wsgi", "Flask", False),
    "Django WSGI": ("import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault('A', 'b')\napp = get_wsgi_application()\n", "wsgi", "Django", False),
    "Django ASGI": ("from django.core.asgi import get_asgi_application\nfrom channels.routing import ProtocolTypeRouter\napp = ProtocolTypeRouter({'http': get_asgi_application()})\n", "asgi", "Django", False),
    "Falcon": ("import falcon.asgi\napp = falcon.asgi.App()\n", "asgi", "Falcon", False),
    "Bottle": ("import bottle\napp = bottle.default_app()\n", "wsgi", "Bottle", False),
    "Pyramid": ("from pyramid.config import Configurator\nconfig = Configurator()\napp = config.make_wsgi_app()\n", "wsgi", "Pyramid", False),
    "an ASGI callable": ("async def app(scope, receive, send):\n    pass\n", "asgi", None, False),
    "a WSGI callable": ("def app(environ, start_response):\n    return [b'']\n", "wsgi", None, False),
    "an object with __call__": ("class App:\n    async def __call__(self, scope, receive, send): ...\napp = App()\n", "asgi", None, False),
    "a subclass": ("from fastapi import FastAPI\nclass Mine(FastAPI):\n    pass\napp = Mine()\n", "asgi", "FastAPI", False),
    "a factory": ("from flask import Flask\ndef make():\n    app = Flask(__name__)\n    app.config['x'] = 1\n    return app\napp = make()\n", "wsgi", "Flask", False),
    "ProxyFix": ("from flask import Flask\nfrom werkzeug.middleware.proxy_fix import ProxyFix\napp = Flask(__name__)\napp.wsgi_app = ProxyFix(app.wsgi_app)\n", "wsgi", "Flask", False),
    "WhiteNoise": ("from whitenoise import WhiteNoise\nfrom django.core.wsgi import get_wsgi_application\napp = get_wsgi_application()\napp = WhiteNoise(app, root='x')\n", "wsgi", "Django", False),
    "an adapter to ASGI": ("from a2wsgi import WSGIMiddleware\nfrom flask import Flask\nflask_app = Flask(__name__)\napp = WSGIMiddleware(flask_app)\n", "asgi", "Flask", True),
    "asgiref": ("from asgiref.wsgi import WsgiToAsgi\nfrom django.core.wsgi import get_wsgi_application\napp = WsgiToAsgi(get_wsgi_application())\n", "asgi", "Django", True),
    "an adapter to WSGI": ("from a2wsgi import ASGIMiddleware\nfrom fastapi import FastAPI\napp = ASGIMiddleware(FastAPI())\n", "wsgi", "FastAPI", True),
    "socket.io": ("import socketio\nfrom fastapi import FastAPI\nsio = socketio.AsyncServer(async_mode='asgi')\napp = socketio.ASGIApp(sio, FastAPI())\n", "asgi", None, False),
    "an own middleware": ("from fastapi import FastAPI\nfrom lib.middleware import TraceMiddleware\napp = TraceMiddleware(FastAPI())\n", "asgi", "FastAPI", False),
    "branches that agree": ("from fastapi import FastAPI\nimport os\nif os.getenv('X'):\n    app = FastAPI(debug=True)\nelse:\n    app = FastAPI()\n", "asgi", "FastAPI", False),
}  # fmt: skip


@pytest.mark.parametrize("case", APPLICATIONS)
def test_what_an_application_is(case: str, tmp_path: pathlib.Path) -> None:
    text, interface, framework, wrapped = APPLICATIONS[case]
    found = facts_of(tmp_path, {"main.py": text})
    assert found["app.interface"].value == interface
    assert found["app.wrapped"].value is wrapped
    assert (found["app.framework"].value if "app.framework" in found else None) == framework
    assert found["app.interface"].location is not None and found["app.interface"].location.path == "main.py"


SILENT = {
    "branches that differ": "from fastapi import FastAPI\nfrom flask import Flask\nimport os\nif os.getenv('X'):\n    app = FastAPI()\nelse:\n    app = Flask('x')\n",
    "somebody else's factory": "from framework import make_app\napp = make_app()\n",
    "nothing of that name": "from fastapi import FastAPI\napplication = FastAPI()\n",
    "itself": "app = app\n",
    "a circle": "from main import app\n",
    "an aiohttp application": "from aiohttp import web\napp = web.Application()\n",
}


@pytest.mark.parametrize("case", SILENT)
def test_what_its_text_does_not_tell_is_unknown(case: str, tmp_path: pathlib.Path) -> None:
    found = facts_of(tmp_path, {"main.py": SILENT[case]})
    assert isinstance(found["app.interface"].value, Unknown)


def test_an_application_is_followed_through_modules_and_factories(tmp_path: pathlib.Path) -> None:
    files = {
        "src/shop/__init__.py": "",
        "src/shop/asgi.py": "from .factory import create as build\nfrom shop import web\napp = build(debug=False)\n",
        "src/shop/factory.py": "import fastapi\ndef create(debug):\n    api = fastapi.FastAPI(debug=debug)\n    return wrap(api)\ndef wrap(x):\n    from starlette.middleware.cors import CORSMiddleware\n    return CORSMiddleware(x)\n",
        "src/shop/web.py": "from shop.factory import *\nthing = create(True)\n",
    }
    for target in ("shop.asgi:app", "shop.factory:create(True)", "shop.web:thing"):
        found = facts_of(tmp_path / target.replace(":", "-"), files, target)
        assert found["app.interface"].value == "asgi", target


def test_a_module_that_is_not_there(tmp_path: pathlib.Path) -> None:
    found = facts_of(tmp_path, {"a/main.py": "", "b/main.py": ""}, "missing.main:app")
    assert isinstance(found["app.interface"].value, Unknown)
    assert "missing.main" in found["app.interface"].value.reason


CONNECTIONS = {
    "in the module": ("from sqlalchemy import create_engine\nengine = create_engine('x')\n", True),
    "in a branch": ("import redis\nif True:\n    client = redis.Redis.from_url('x')\n", True),
    "in a class body": ("import redis\nclass C:\n    client = redis.Redis()\n", True),
    "by a function that is called": ("from sqlalchemy import create_engine\ndef build():\n    return create_engine('x')\nengine = build()\n", True),
    "in a function": ("from sqlalchemy import create_engine\ndef build():\n    return create_engine('x')\n", False),
    "in a method": ("import redis\nclass C:\n    def client(self):\n        return redis.Redis()\n", False),
    "for type checking only": ("from typing import TYPE_CHECKING\nimport redis\nif TYPE_CHECKING:\n    c = redis.Redis()\n", False),
    "in a lambda": ("import redis\nmake = lambda: redis.Redis()\n", False),
    "a name that is alike": ("from own import create_engine\nengine = create_engine('x')\n", False),
    "nothing": ("x = 1\n", False),
}  # fmt: skip


@pytest.mark.parametrize("case", CONNECTIONS)
@pytest.mark.parametrize("imported", [False, True])
def test_connections_at_import(case: str, imported: bool, tmp_path: pathlib.Path) -> None:
    text, opens = CONNECTIONS[case]
    main = (
        "from fastapi import FastAPI\nfrom db import *\napp = FastAPI()\n"
        if imported
        else f"from fastapi import FastAPI\n{text}app = FastAPI()\n"
    )
    found = facts_of(tmp_path, {"main.py": main, "db.py": text if imported else ""})
    fact = found["app.opens_connections_at_import"]
    assert fact.value is opens
    if opens:
        assert fact.location is not None and fact.location.path == ("db.py" if imported else "main.py")


def test_the_pool_of_the_only_engine(tmp_path: pathlib.Path) -> None:
    text = "import os\nfrom sqlalchemy import create_engine\nengine = create_engine(os.environ['U'], pool_size=20, pool_recycle=int(os.environ['R']))\napp = None\n"
    found = facts_of(tmp_path, {"main.py": text})
    assert (found["database.pool_size"].value, found["database.max_overflow"].value) == (20, 10)
    assert (found["database.pool_size"].source.layer, found["database.max_overflow"].source.layer) == (
        "application",
        "default",
    )
    assert isinstance(found["database.pool_recycle"].value, Unknown)
    null = facts_of(
        tmp_path / "n",
        {"main.py": "from sqlalchemy import create_engine, NullPool\ne = create_engine('x', poolclass=NullPool)\n"},
    )
    assert null["database.pooled"].value is False and "database.pool_size" not in null
    two = facts_of(
        tmp_path / "t",
        {
            "main.py": "from sqlalchemy import create_engine\na = create_engine('x')\nb = create_engine('y', pool_size=1)\n"
        },
    )
    assert "database.pool_size" not in two


def test_streams_and_metrics(tmp_path: pathlib.Path) -> None:
    text = "from fastapi import FastAPI\nimport events\napp = FastAPI()\n"
    events = "from prometheus_client import Counter\nfrom sse_starlette import EventSourceResponse\n"
    found = facts_of(tmp_path, {"main.py": text, "events.py": events})
    assert found["app.streams"].value is True and found["app.metrics"].value is True
    assert "app.streams" not in facts_of(tmp_path / "x", {"main.py": text})


def test_hostile_applications_end_in_time(tmp_path: pathlib.Path) -> None:
    files = {f"m{i}.py": f"from m{i + 1} import app\nfrom m{max(0, i - 1)} import app\n" for i in range(400)}
    files["deep.py"] = "app = " + "f(" * 2000 + ")" * 2000
    files["wide.py"] = "from main import app\n" * 5000
    files["main.py"] = "from m0 import app\nimport deep, wide\n"
    with ends_soon(5):
        for target in ("main:app", "deep:app", "wide:app", "main:" + "f(" * 500, "main:" + "a." * 5000 + "b"):
            found = facts_of(tmp_path, files, target)
            assert isinstance(found["app.interface"].value, Unknown)


def test_an_engine_beside_a_framework_that_makes_its_own_says_nothing(tmp_path: pathlib.Path) -> None:
    text = "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\nimport tool\napp = Flask('x')\n"
    tool = "from sqlalchemy import create_engine\ndef make():\n    return create_engine('x', pool_size=1)\n"
    assert "database.pool_size" not in facts_of(tmp_path, {"main.py": text, "tool.py": tool})
