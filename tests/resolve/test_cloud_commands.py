"""Code Engine, Cloud Run and Container Apps applications that commands make."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gwaudit.resolve.commands import targets
from gwaudit.resolve.commands.words import Variables
from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.model import Assumptions, TargetDraft
from gwaudit.resolve.workspace import Workspace
from gwaudit.source import SourceFile
from gwaudit.tree import Tree

MAKEFILE = """\
CPU ?= 2   # CPUs
MEMORY = 4G
APP := gateway

deploy:
\t@if ibmcloud ce application get --name $(APP) > /dev/null; then \\
\t\tibmcloud ce application update --name $(APP) \\
\t\t\t--cpu $(CPU) --memory $(MEMORY); \\
\telse \\
\t\tibmcloud ce app create --name $(APP) \\
\t\t\t--image us.icr.io/x/$(TAG) \\
\t\t\t--cpu $(CPU) --memory $(MEMORY) \\
\t\t\t--port 4444 -e WORKERS=3 --env-from-secret keys --no-wait; \\
\tfi
"""


def drafts(root: Path, files: dict[str, str]) -> list[TargetDraft]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return targets(Workspace(Tree(str(root)), Assumptions()))


def test_create_and_update_make_one_application(tmp_path: Path) -> None:
    found = drafts(tmp_path, {"Makefile": MAKEFILE})
    assert [(draft.kind, draft.name) for draft in found] == [("code-engine", "Makefile: deploy: gateway")]
    draft = found[0]
    assert draft.facts["target.micro_vm"].value is True
    assert draft.facts["target.terminates_tls"].value is True
    workload = draft.workloads[0]
    container = workload.containers[0]
    cpu = container.facts["container.cpu_limit"]
    assert (cpu.value, str(cpu.location), cpu.assumed) == (2.0, "Makefile:1:8", True)
    assert container.facts["container.memory_limit"].value == 4_000_000_000
    assert container.image is not None
    assert isinstance(container.image.value, Unknown)
    assert str(container.image.location) == "Makefile:11:12"
    assert container.facts["container.ports"].value == (4444,)
    assert container.facts["container.concurrency"].value == 100
    assert container.facts["liveness.kind"].value is ABSENT
    assert (workload.facts["workload.request_timeout"].value, workload.facts["workload.request_timeout_cap"].value) == (
        300.0,
        600.0,
    )
    assert [workload.facts[f"workload.replicas_{bound}"].value for bound in ("min", "max")] == [0, 10]
    assert isinstance(container.environment.get("ANY").value, Unknown), "a secret that is made elsewhere may set it"


def test_secrets_made_in_the_same_script(tmp_path: Path) -> None:
    script = (
        "#!/bin/bash\n"
        "ibmcloud ce secret create --name keys --from-literal JWT_SECRET_KEY=my-test-key -l OTHER=$X\n"
        "ibmcloud ce configmap create -n conf --from-literal LEVEL=INFO\n"
        "ibmcloud ce application create -n gw -i gw:1 --env-from-secret keys --env-from-configmap conf --timeout 900\n"
    )
    draft = drafts(tmp_path, {"deploy.sh": script})[0]
    environment = draft.workloads[0].containers[0].environment
    key = environment.get("JWT_SECRET_KEY")
    assert (key.value, key.secret, key.source.raw) == ("my-test-key", True, None)
    assert str(key.location).startswith("deploy.sh:2:")
    assert isinstance(environment.get("OTHER").value, Unknown)
    assert environment.get("LEVEL").value == "INFO"
    assert environment.get("NOTHING").value is ABSENT
    timeout = draft.workloads[0].facts["workload.request_timeout"]
    assert (timeout.value, timeout.location and timeout.location.line) == (900.0, 4)


def test_an_update_alone_knows_no_defaults(tmp_path: Path) -> None:
    draft = drafts(tmp_path, {"a.sh": "ibmcloud ce app update --name gw --max-scale 3\n"})[0]
    workload = draft.workloads[0]
    assert workload.facts["workload.replicas_max"].value == 3
    assert "workload.replicas_min" not in workload.facts
    assert "container.cpu_limit" not in workload.containers[0].facts
    assert isinstance(workload.containers[0].environment.get("A").value, Unknown)


def test_cloud_run(tmp_path: Path) -> None:
    script = (
        'REGION=${REGION:-us}\nMEM="1Gi"\n'
        "gcloud beta run deploy gateway --image=gcr.io/p/gw:1 --region $REGION --memory $MEM --timeout=30m \\\n"
        "  --concurrency=8 --max-instances 5 --allow-unauthenticated \\\n"
        '  --set-env-vars "A=1,URL=redis://$HOST:6379" --set-secrets=KEY=key:latest\n'
    )
    draft = drafts(tmp_path, {"run.sh": script})[0]
    workload = draft.workloads[0]
    container = workload.containers[0]
    assert (draft.kind, workload.name) == ("cloud-run", "gateway")
    memory = container.facts["container.memory_limit"]
    assert (memory.value, str(memory.location)) == (1 << 30, "run.sh:2:5")
    assert workload.facts["workload.request_timeout"].value == 1800.0
    assert container.facts["container.concurrency"].value == 8
    assert workload.facts["workload.replicas_max"].value == 5
    assert container.environment.get("A").value == "1"
    assert str(container.environment.get("A").location) == "run.sh:5:19"
    assert isinstance(container.environment.get("URL").value, Unknown)
    assert container.environment.get("KEY").secret
    assert container.environment.get("PORT").value == "8080"
    assert draft.endpoints[0].public is True


def test_a_delimiter_of_its_own(tmp_path: Path) -> None:
    draft = drafts(tmp_path, {"run.sh": "gcloud run deploy a --image b --set-env-vars '^;^A=1,2;B=3'\n"})[0]
    environment = draft.workloads[0].containers[0].environment
    assert (environment.get("A").value, environment.get("B").value) == ("1,2", "3")


def test_container_apps_in_a_workflow(tmp_path: Path) -> None:
    workflow = (
        "jobs:\n  deploy:\n    steps:\n      - run: |\n          echo é\n          az containerapp create --name gw \\\n"
        "            --image x/gw:${{ github.sha }} --cpu 1.5 --memory 3.0Gi --min-replicas 2 \\\n"
        "            --env-vars A=1 B=secretref:b --target-port 4444 --ingress external\n"
    )
    draft = drafts(tmp_path, {".github/workflows/deploy.yml": workflow})[0]
    workload = draft.workloads[0]
    container = workload.containers[0]
    cpu = container.facts["container.cpu_limit"]
    assert (draft.kind, cpu.value) == ("container-apps", 1.5)
    assert cpu.location is not None
    assert workflow.splitlines()[cpu.location.line - 1][cpu.location.span.column - 1 :].startswith("1.5")  # type: ignore[union-attr]
    assert container.facts["container.memory_limit"].value == 3 << 30
    assert workload.facts["workload.replicas_min"].value == 2
    assert workload.facts["workload.request_timeout_cap"].value == 240.0
    assert container.environment.get("A").value == "1"
    assert container.environment.get("B").secret
    assert isinstance(draft.facts["target.micro_vm"].value, Unknown)
    assert draft.endpoints[0].public is True


def test_other_commands_make_nothing(tmp_path: Path) -> None:
    assert (
        drafts(tmp_path, {"a.sh": "ibmcloud ce application get --name x\ngcloud run services list\naz login\n"}) == []
    )


def test_a_variable_of_options_makes_the_rest_unknown(tmp_path: Path) -> None:
    draft = drafts(tmp_path, {"a.sh": "gcloud run deploy gw --image x $EXTRA\n"})[0]
    assert isinstance(draft.workloads[0].facts["workload.request_timeout"].value, Unknown)


def test_variables_that_multiply_end_soon(tmp_path: Path) -> None:
    lines = ["V0=''", *(f"V{i}=" + f"${{V{i - 1}}}" * 30 for i in range(1, 9))]
    found = drafts(tmp_path, {"a.sh": "\n".join([*lines, "gcloud run deploy gw --image $V8", ""])})
    image = found[0].workloads[0].containers[0].image
    assert image is not None
    assert isinstance(image.value, Unknown)


@settings(max_examples=150, deadline=None)
@given(st.text("aA1=,^$(){}'\"\\`- \n:#|;&", max_size=80))
def test_nothing_breaks_it(text: str) -> None:
    file = SourceFile("x", text)
    Variables().word(text, file.location)


@settings(max_examples=40, deadline=None)
@given(st.text("aA1=,^$(){}'\"\\`- \n:#|;&", max_size=60))
def test_no_arguments_break_it(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        drafts(
            Path(folder),
            {"a.sh": f"gcloud run deploy gw {text}\n", "Makefile": f"a:\n\tibmcloud ce app create {text}\n"},
        )


def test_code_engine_takes_keys_prefixes_and_files_from_its_objects(tmp_path: Path) -> None:
    script = (
        "ibmcloud ce secret create -n keys -l A=1 -l B=2 -f certificate.pem --from-file C=c.txt\n"
        "ibmcloud ce configmap create -n conf -l LEVEL=INFO\n"
        "ibmcloud ce app create -n gw -i gw:1 --env-sec keys:A,SECOND=B,C --env-cm APP_=conf --env-sec other:D\n"
    )
    environment = drafts(tmp_path, {"a.sh": script})[0].workloads[0].containers[0].environment
    assert (environment.get("A").value, environment.get("SECOND").value) == ("1", "2")
    assert (environment.get("APP_LEVEL").value, environment.get("LEVEL").value) == ("INFO", ABSENT)
    assert isinstance(environment.get("C").value, Unknown), "the content of a file"
    assert environment.get("D").secret
    assert environment.get("B").value is ABSENT
    assert environment.get("certificate.pem").value is ABSENT


def test_options_of_code_engine_by_their_short_names(tmp_path: Path) -> None:
    script = "ibmcloud ce app create -n gw -i gw:1 -c gunicorn -a app:app --rt 120 --minscale 1 --maxscale 0 --cl\n"
    draft = drafts(tmp_path, {"a.sh": script})[0]
    workload = draft.workloads[0]
    container = workload.containers[0]
    assert container.entrypoint is not None and container.entrypoint.value == ("gunicorn",)
    assert container.facts["container.cpu_limit"].value == 1.0
    assert workload.facts["workload.request_timeout"].value == 120.0
    grace = workload.facts["workload.grace_period"]
    assert (grace.value, grace.location and grace.location.line) == (120.0, 1)
    assert workload.facts["workload.replicas_min"].value == 1
    assert isinstance(workload.facts["workload.replicas_max"].value, Unknown), "0 sets no limit"
    assert draft.endpoints[0].public is False


def test_a_service_of_cloud_run_takes_80_requests_for_each_cpu(tmp_path: Path) -> None:
    def concurrency(options: str) -> object:
        draft = drafts(tmp_path, {"a.sh": f"gcloud run deploy gw --image x {options}\n"})[0]
        return draft.workloads[0].containers[0].facts["container.concurrency"].value

    assert (concurrency(""), concurrency("--cpu 4"), concurrency("--cpu 4 --concurrency 10")) == (80, 320, 10)
    assert isinstance(concurrency("--cpu 0.5"), Unknown)
    assert isinstance(concurrency("--cpu $CPUS"), Unknown)


def test_what_a_container_app_gets_by_default_is_not_documented(tmp_path: Path) -> None:
    draft = drafts(tmp_path, {"a.sh": "az containerapp create -n gw --image x\n"})[0]
    facts = draft.workloads[0].containers[0].facts
    assert "container.cpu_limit" not in facts and "container.memory_limit" not in facts
    assert draft.workloads[0].facts["workload.replicas_max"].value == 10


def test_a_script_without_an_extension(tmp_path: Path) -> None:
    found = drafts(tmp_path, {"hello/run": "#!/bin/bash\nibmcloud ce app create -n hello --image icr.io/x/hello\n"})
    assert [draft.workloads[0].name for draft in found] == ["hello"]


def test_what_an_application_mounts(tmp_path: Path) -> None:
    line = "ibmcloud ce app create -n a -i b --mount-ds /data=store:sub --mount-secret /etc/keys=keys --mount-cm conf\n"
    container = drafts(tmp_path, {"a.sh": line})[0].workloads[0].containers[0]
    assert [(m.path, m.kind, m.source) for m in container.mounts] == [
        ("/data", "network", "store"),
        ("/etc/keys", "secret", "keys"),
    ]
