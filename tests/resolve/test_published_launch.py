"""A published image whose launch the application's profile knows."""

from __future__ import annotations

import pathlib

from completed import subjects

from gwaudit.resolve.fact import Unknown

IMAGE = "ghcr.io/ibm/mcp-context-forge:1.0.8"


def compose(*lines: str) -> dict[str, str]:
    return {"compose.yaml": "\n".join(("services:", "  gateway:", f"    image: {IMAGE}", *lines)) + "\n"}


def test_variables_decide_the_flags(tmp_path: pathlib.Path) -> None:
    files = compose(
        "    environment:", '      GUNICORN_WORKERS: "9"', '      GUNICORN_TIMEOUT: "90"', "      HOST: 0.0.0.0"
    )
    gateway = subjects(tmp_path, files)["gateway"]
    assert gateway.known("gunicorn.workers") == 9
    assert gateway.known("gunicorn.timeout") == 90
    assert gateway.known("gunicorn.bind") == ("0.0.0.0:4444",)
    assert gateway.known("gunicorn.worker_kind") == "uvicorn"
    assert gateway.known("gunicorn.preload_app") is True
    place = gateway.fact("gunicorn.workers").location
    assert place is not None and place.line == 5


def test_automatic_workers_have_bounds(tmp_path: pathlib.Path) -> None:
    gateway = subjects(tmp_path, compose("    cpus: 1"))["gateway"]
    workers = gateway.value("gunicorn.workers")
    assert isinstance(workers, Unknown) and (workers.low, workers.high) == (3, 16)
    assert gateway.known("gunicorn.cpu_derived") is True
    assert gateway.known("gunicorn.timeout") == 600


def test_the_image_reads_its_own_file_only(tmp_path: pathlib.Path) -> None:
    mounts = ("    volumes:", "      - ./gunicorn.conf.py:/app/gunicorn.conf.py:ro")
    files = compose(*mounts) | {"gunicorn.conf.py": "keepalive = 65\n"}
    assert subjects(tmp_path, files)["gateway"].known("gunicorn.keepalive") == 2


def test_a_file_mounted_over_the_images_own(tmp_path: pathlib.Path) -> None:
    mounts = ("    volumes:", "      - ./conf.py:/app/gunicorn.config.py:ro")
    files = compose(*mounts) | {"conf.py": "keepalive = 65\nworkers = 2\n"}
    gateway = subjects(tmp_path, files)["gateway"]
    assert gateway.known("gunicorn.keepalive") == 65
    assert isinstance(gateway.value("gunicorn.workers"), Unknown)  # the script's flag wins


def test_another_command_is_followed_instead(tmp_path: pathlib.Path) -> None:
    gateway = subjects(tmp_path, compose('    entrypoint: ["python", "-m", "mcpgateway"]'))["gateway"]
    assert gateway.known("gunicorn.workers") is None


def test_an_image_built_upon_it_starts_like_it(tmp_path: pathlib.Path) -> None:
    files = {
        "compose.yaml": 'services:\n  gateway:\n    build: .\n    environment:\n      GUNICORN_WORKERS: "9"\n',
        "Dockerfile": f"FROM {IMAGE}\nCOPY plugins /app/plugins\n",
        "plugins/a.py": "",
    }
    gateway = subjects(tmp_path, files)["gateway"]
    assert gateway.known("app.profile") == "mcp-gateway"
    assert gateway.known("gunicorn.workers") == 9
    files["Dockerfile"] += 'CMD ["python", "-m", "other"]\n'
    assert subjects(tmp_path, files)["gateway"].known("gunicorn.workers") is None


def superset(*lines: str) -> dict[str, str]:
    head = ("services:", "  superset:", "    image: apache/superset:4.1.1", "    environment:", *lines)
    return {"compose.yaml": "\n".join(head) + "\n"}


def test_a_profile_is_data_only(tmp_path: pathlib.Path) -> None:
    found = subjects(tmp_path, superset("      SERVER_WORKER_AMOUNT: 8", '      GUNICORN_TIMEOUT: "300"'))["superset"]
    assert found.known("gunicorn.workers") == 8
    assert found.known("gunicorn.timeout") == 300
    assert found.known("gunicorn.threads") == 20
    assert found.known("gunicorn.bind") == ("0.0.0.0:8088",)
    assert found.known("app.interface") == "wsgi"
    place = found.fact("gunicorn.timeout").location
    assert place is not None and place.line == 6


def test_a_profile_without_a_configuration_file_mounts_none(tmp_path: pathlib.Path) -> None:
    files = superset("      SERVER_WORKER_AMOUNT: 2") | {"gunicorn.config.py": "workers = 9\n"}
    assert subjects(tmp_path, files)["superset"].known("gunicorn.workers") == 2
