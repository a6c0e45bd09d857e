"""The environment of a container: what the kubelet would set, with the place where each value is written."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from gwaudit.resolve.environment import Environment
from gwaudit.resolve.fact import ABSENT, Source, Unknown
from gwaudit.resolve.kubernetes.variables import expand
from gwaudit.resolve.model import Container, TargetDraft

Drafts = Callable[[dict[str, str]], list[TargetDraft]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$(A)", "1"),
        ("x$(A)y$(B)", "x1y2"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$$$$(A)", "$$(A)"),
        ("$(MISSING)", "$(MISSING)"),
        ("$(A", "$(A"),
        ("$A ${A}", "$A ${A}"),
        ("$", "$"),
        ("a$", "a$"),
        ("$(A)$", "1$"),
        ("$(A))", "1)"),
        ("$($(A))", "$($(A))"),
        ("$()", "$()"),
        ("no reference", "no reference"),
    ],
)
def test_expansion(text: str, value: str) -> None:
    """The table of kubernetes/third_party/forked/golang/expansion."""
    environment = Environment()
    environment.set("A", "1", Source("manifest"))
    environment.set("B", "2", Source("manifest"))
    assert expand(text, environment)[0] == value


HEAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      containers:
        - name: web
          image: web:1
"""
CONFIG = """\
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  A: "1"
  B: "2"
"""
SECRET = """\
---
apiVersion: v1
kind: Secret
metadata: {name: secret}
data: {B: aHVudGVyMg==, D: "***"}
stringData: {C: plain}
"""


def container(drafts: Drafts, spec: str, objects: str = "") -> Container:
    text = HEAD + textwrap.indent(textwrap.dedent(spec), " " * 10) + objects
    return drafts({"k8s/web.yaml": text})[0].workloads[0].containers[0]


def test_layers(drafts: Drafts) -> None:
    found = container(
        drafts,
        """\
        envFrom:
          - configMapRef: {name: config}
          - secretRef: {name: secret}
          - configMapRef: {name: config}
            prefix: P_
        env:
          - {name: EARLY, value: $(LATE)}
          - {name: LATE, value: "$(A)-$(B)"}
          - {name: PLAIN, value: "$(A)/$(P_A)"}
          - {name: A, value: own}
          - {name: EMPTY}
        """,
        CONFIG + SECRET,
    ).environment
    assert found.get("EARLY").value == "$(LATE)"
    assert found.get("LATE").value == "1-hunter2"
    assert found.get("LATE").secret, "a value made from a secret is one"
    assert found.get("PLAIN").value == "1/1"
    assert found.get("A").value == "own"
    assert [fact.value for fact in found.get("A").shadowed] == ["1"]
    assert found.get("B").value == "hunter2"
    assert found.get("B").secret
    assert found.get("C").value == "plain"
    assert isinstance(found.get("D").value, Unknown)
    assert found.get("EMPTY").value == ""
    assert found.get("NOPE").value is ABSENT
    assert "hunter2" not in repr(list(found))


def test_places(drafts: Drafts) -> None:
    found = container(drafts, "envFrom:\n  - configMapRef: {name: config}\n", CONFIG).environment.get("A")
    assert str(found.location) == "k8s/web.yaml:18:6"
    assert [step.location.line for step in found.source.via] == [12]


def test_what_is_not_in_the_tree_hides_what_is_below(drafts: Drafts) -> None:
    found = container(
        drafts,
        """\
        envFrom:
          - configMapRef: {name: config}
          - secretRef: {name: outside}
        env:
          - {name: SURE, value: "1"}
        """,
        CONFIG,
    ).environment
    assert isinstance(found.get("A").value, Unknown)
    assert isinstance(found.get("ANY").value, Unknown)
    assert found.get("SURE").value == "1"


def test_keys(drafts: Drafts) -> None:
    text = HEAD + textwrap.indent(
        textwrap.dedent("""\
            env:
              - {name: FOUND, valueFrom: {configMapKeyRef: {name: config, key: A}}}
              - {name: GONE, valueFrom: {configMapKeyRef: {name: config, key: Z}}}
              - {name: MAYBE, valueFrom: {configMapKeyRef: {name: config, key: Z, optional: true}}}
              - {name: OUTSIDE, valueFrom: {secretKeyRef: {name: outside, key: A}}}
              - {name: TIER, valueFrom: {fieldRef: {fieldPath: "metadata.labels['tier']"}}}
              - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
              - {name: CPUS, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
              - {name: MIB, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
            resources: {limits: {cpu: 1500m, memory: 1Gi}}
            """),
        " " * 10,
    )
    draft = drafts({"k8s/web.yaml": text + CONFIG})[0]
    found = draft.workloads[0].containers[0].environment
    assert found.get("FOUND").value == "1"
    assert isinstance(found.get("GONE").value, Unknown)
    assert found.get("MAYBE").value is ABSENT
    assert isinstance(found.get("OUTSIDE").value, Unknown)
    assert found.get("OUTSIDE").secret
    assert found.get("TIER").value == "front"
    assert isinstance(found.get("POD").value, Unknown)
    assert found.get("CPUS").value == "2"
    assert found.get("MIB").value == "1024"
    missing = [(each.kind, each.name, each.defined, each.optional) for each in draft.references if not each.defined]
    assert missing == [
        ("config-map", "config key Z", False, False),
        ("config-map", "config key Z", False, True),
        ("secret", "outside", None, False),
    ]


def test_suppliers(drafts: Drafts) -> None:
    external = """\
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db}
spec: {data: [{secretKey: PASSWORD, remoteRef: {key: x}}]}
"""
    found = container(drafts, "envFrom:\n  - secretRef: {name: db}\n", external).environment
    assert isinstance(found.get("PASSWORD").value, Unknown)
    assert found.get("PASSWORD").secret
    assert found.get("OTHER").value is ABSENT, "the keys are listed"


def test_service_variables(drafts: Drafts) -> None:
    service = """\
---
apiVersion: v1
kind: Service
metadata: {name: my-redis}
spec: {ports: [{port: 6379}], selector: {app: redis}}
"""
    found = container(drafts, "", service).environment
    assert isinstance(found.get("MY_REDIS_PORT").value, Unknown)
    off = HEAD.replace("      containers:", "      enableServiceLinks: false\n      containers:")
    other = drafts({"k8s/web.yaml": off + service})[0].workloads[0].containers[0].environment
    assert other.get("MY_REDIS_PORT").value is ABSENT


def test_placeholder_of_another_tool(drafts: Drafts) -> None:
    found = container(drafts, 'env:\n  - {name: TAG, value: "v${VERSION}"}\n  - {name: LOG, value: "$remote_addr"}\n')
    assert isinstance(found.environment.get("TAG").value, Unknown)
    assert found.environment.get("LOG").value == "$remote_addr"


def test_command_words(drafts: Drafts) -> None:
    found = container(
        drafts,
        """\
        command: [gunicorn, "--workers", "$(WORKERS)", "--bind", "$(HOST):80"]
        args: ["${SHELL_TEXT:-x}"]
        env:
          - {name: WORKERS, value: "4"}
          - {name: HOST, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        """,
    )
    assert found.entrypoint is not None
    assert found.arguments is not None
    assert found.entrypoint.value[:4] == ("gunicorn", "--workers", "4", "--bind")
    assert isinstance(found.entrypoint.value[4], Unknown)
    assert found.arguments.value == ("${SHELL_TEXT:-x}",)


def test_work_is_bounded(drafts: Drafts) -> None:
    doubling = "env:\n" + "".join(f'  - {{name: A{i}, value: "$(A{i - 1})$(A{i - 1})"}}\n' for i in range(1, 60))
    found = container(drafts, doubling.replace("env:\n", 'env:\n  - {name: A0, value: "0123456789"}\n', 1)).environment
    assert found.get("A3").value == "0123456789" * 8
    assert isinstance(found.get("A59").value, Unknown)
    many = "env:\n" + "  - {name: A, value: b}\n" * 6_000
    assert isinstance(container(drafts, many).environment.get("A").value, Unknown)
