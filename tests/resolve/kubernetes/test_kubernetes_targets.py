"""Targets of plain manifests: which files make one, and the facts of their workloads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gwaudit.resolve.fact import ABSENT, Unknown
from gwaudit.resolve.model import TargetDraft

Drafts = Callable[[dict[str, str]], list[TargetDraft]]


def workload(name: str = "web", extra: str = "", pod: str = "", container: str = "") -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
{extra}  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
{pod}      containers:
        - name: main
          image: web:1
{container}---
"""


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {A: '1'}\n"


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"k8s/a.yaml": workload("a"), "k8s/b.yaml": workload("b")}, {"k8s": ["a", "b"]}),
        ({"k8s/a/x.yaml": workload("a"), "k8s/b/y.yaml": workload("b")}, {"k8s": ["a", "b"]}),
        ({"k8s/a.yaml": workload("a"), "k8s/db/b.yaml": workload("b")}, {"k8s": ["a", "b"]}),
        ({"one/x.yaml": workload("a"), "two/y.yaml": workload("a")}, {"one": ["a"], "two": ["a"]}),
        ({"k8s/dev/x.yaml": workload("a"), "k8s/prod/x.yaml": workload("a")}, {"k8s/dev": ["a"], "k8s/prod": ["a"]}),
        ({"k8s/dev/c.yaml": CONFIG, "k8s/prod/c.yaml": CONFIG, "k8s/x.yaml": workload("a")},
         {"k8s/dev": ["a"], "k8s/prod": ["a"]}),
        ({"k8s/east/x.yaml": workload("a"), "k8s/west/x.yaml": workload("a")}, {"k8s/east": ["a"], "k8s/west": ["a"]}),
        ({"k8s/x.yaml": workload("a"), "k8s/x-dev.yaml": workload("a"), "k8s/y.yaml": workload("b")},
         {"k8s (x.yaml)": ["a", "b"], "k8s (x-dev.yaml)": ["a", "b"]}),
        ({"x.yaml": workload("a")}, {"x.yaml": ["a"]}),
        ({"x.json": '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}}'},
         {"x.json": ["p"]}),
        ({"chart/Chart.yaml": "name: c", "chart/templates/x.yaml": workload("a"), "chart/crds/y.yaml": workload("b")}, {}),
        ({"openshift/templates/x.yaml": workload("a")}, {"openshift": ["a"]}),
        ({"k8s/kustomization.yaml": "resources: [x.yaml]", "k8s/x.yaml": workload("a")}, {}),
        ({"testdata/x.yaml": workload("a"), "k8s/only.yaml": CONFIG}, {}),
        ({"compose.yaml": "services: {a: {image: b}}", ".github/workflows/x.yaml": "on: push"}, {}),
    ],
)  # fmt: skip
def test_groups(drafts: Drafts, files: dict[str, str], names: dict[str, list[str]]) -> None:
    assert {draft.name: [each.name for each in draft.workloads] for draft in drafts(files)} == names


def only(drafts: Drafts, text: str) -> TargetDraft:
    (draft,) = drafts({"k8s/all.yaml": text})
    return draft


def test_defaults(drafts: Drafts) -> None:
    web = only(drafts, workload()).workloads[0]
    expected = {
        "workload.replicas": 1,
        "workload.replicas_stated": False,
        "workload.replicas_min": 1,
        "workload.replicas_max": 1,
        "workload.autoscaled": False,
        "workload.grace_period": 30.0,
        "workload.surge": 0.25,
        "workload.update_strategy": "rolling",
        "workload.pre_stop": ABSENT,
        "workload.mounts_service_account_token": True,
        "workload.host_network": False,
        "workload.restart": "Always",
    }
    assert {name: web.facts[name].value for name in expected} == expected
    facts = web.containers[0].facts
    assert facts["container.cpu_limit"].value is ABSENT
    assert facts["liveness.kind"].value is ABSENT
    assert facts["container.allow_privilege_escalation"].value is True
    assert facts["container.drops_all_capabilities"].value is False
    assert "container.runs_as_root" not in facts, "the image decides"
    assert str(web.containers[0].place) == "k8s/all.yaml:9:17"


def test_probes_and_hooks(drafts: Drafts) -> None:
    text = """\
          ports: [{name: http, containerPort: 4444}]
          livenessProbe: {httpGet: {path: /health, port: http}, timeoutSeconds: 5}
          readinessProbe: {exec: {command: [cat, /ready]}, periodSeconds: 3, successThreshold: 2}
          startupProbe: {tcpSocket: {port: 4444}, failureThreshold: 60, initialDelaySeconds: 4}
          lifecycle: {preStop: {exec: {command: [/bin/sh, -c, sleep 15]}}}
"""
    web = only(drafts, workload(container=text)).workloads[0]
    facts = {name: fact.value for name, fact in web.containers[0].facts.items()}
    assert facts["container.ports"] == (4444,)
    assert [facts[f"liveness.{each}"] for each in ("kind", "path", "port", "period", "timeout", "failure_threshold")] == [
        "http", "/health", 4444, 10.0, 5.0, 3,
    ]  # fmt: skip
    assert facts["readiness.command"] == ("cat", "/ready")
    assert facts["readiness.success_threshold"] == 2
    assert [facts["startup.kind"], facts["startup.port"], facts["startup.initial_delay"]] == ["tcp", 4444, 4.0]
    assert web.facts["workload.pre_stop"].value == 15.0


@pytest.mark.parametrize(
    ("hook", "value"),
    [
        ("sleep: {seconds: 7}", 7.0),
        ("exec: {command: [sleep, '5']}", 5.0),
        ("exec: {command: [sh, -c, 'sleep 1m; exit 0']}", 60.0),
        ("exec: {command: [sh, -c, 'sleep 5 && sleep 6']}", 11.0),
    ],
)
def test_pre_stop(drafts: Drafts, hook: str, value: float) -> None:
    text = f"          lifecycle: {{preStop: {{{hook}}}}}\n"
    assert only(drafts, workload(container=text)).workloads[0].facts["workload.pre_stop"].value == value


def test_pre_stop_with_other_work(drafts: Drafts) -> None:
    text = "          lifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 5; nginx -s quit']}}}\n"
    value = only(drafts, workload(container=text)).workloads[0].facts["workload.pre_stop"].value
    assert isinstance(value, Unknown)
    assert value.low == 5


def test_security(drafts: Drafts) -> None:
    pod = "      securityContext: {runAsUser: 1000, runAsNonRoot: true}\n"
    text = """\
          securityContext:
            runAsUser: 0
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities: {drop: [all]}
"""
    facts = only(drafts, workload(pod=pod, container=text)).workloads[0].containers[0].facts
    assert facts["container.user"].value == "0"
    assert facts["container.runs_as_root"].value is True
    assert facts["container.run_as_non_root"].value is True
    assert facts["container.read_only_root"].value is True
    assert facts["container.allow_privilege_escalation"].value is False
    assert facts["container.drops_all_capabilities"].value is True


RANGE = """\
apiVersion: v1
kind: LimitRange
metadata: {name: range}
spec: {limits: [{type: Container, default: {memory: 512Mi}, defaultRequest: {cpu: 100m}}]}
"""


def test_resources(drafts: Drafts) -> None:
    text = "          resources: {limits: {cpu: 1500m}, requests: {memory: 1Gi}}\n"
    facts = only(drafts, workload(container=text) + RANGE).workloads[0].containers[0].facts
    assert facts["container.cpu_limit"].value == 1.5
    assert facts["container.cpu_request"].value == 1.5, "the limit"
    assert facts["container.memory_limit"].value == 512 * 1024**2, "the range"
    assert facts["container.memory_request"].value == 1024**3


SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: scale}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 8
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
    - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: budget}
spec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}
"""


def test_scaling(drafts: Drafts) -> None:
    extra = "  replicas: 3\n  strategy: {rollingUpdate: {maxSurge: 2}}\n"
    facts = only(drafts, workload(extra=extra) + SCALER).workloads[0].facts
    assert facts["workload.replicas"].value == 3
    assert facts["workload.replicas_stated"].value is True
    assert (facts["workload.replicas_min"].value, facts["workload.replicas_max"].value) == (2, 8)
    assert facts["workload.autoscaler_resources"].value == ("cpu",), "a value is not relative to requests"
    assert facts["workload.surge"].value == 0.25
    assert facts["workload.disruption_budget"].value is True
    assert facts["workload.min_available"].value == "50%"


VOLUMES = """\
      volumes:
        - {name: mem, emptyDir: {medium: Memory}}
        - {name: tmp, emptyDir: {}}
        - {name: data, persistentVolumeClaim: {claimName: data}}
        - {name: share, persistentVolumeClaim: {claimName: share}}
        - {name: host, hostPath: {path: /var/log}}
        - {name: files, configMap: {name: files, items: [{key: g.py, path: gunicorn.conf.py}]}}
        - {name: nfs, nfs: {server: a, path: /b}}
"""
MOUNTS = """\
          volumeMounts:
            - {name: mem, mountPath: /mem}
            - {name: tmp, mountPath: /tmp}
            - {name: data, mountPath: /data}
            - {name: share, mountPath: /share}
            - {name: host, mountPath: /host, readOnly: true}
            - {name: files, mountPath: /etc/app}
            - {name: nfs, mountPath: /nfs}
            - {name: gone, mountPath: /gone}
"""
CLAIMS = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: share}
spec: {accessModes: [ReadWriteMany]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: files}
data:
  g.py: |
    workers = 4
"""


def test_volumes(drafts: Drafts) -> None:
    draft = only(drafts, workload(pod=VOLUMES, container=MOUNTS) + CLAIMS)
    web = draft.workloads[0]
    kinds = {mount.path: mount.kind for mount in web.containers[0].mounts}
    assert kinds == {
        "/mem": "memory", "/tmp": "empty-dir", "/data": "persistent", "/share": "network", "/host": "bind",
        "/etc/app": "config-map", "/nfs": "network", "/gone": "unknown",
    }  # fmt: skip
    assert web.facts["workload.volume_access_modes"].value == ("ReadWriteMany", "ReadWriteOnce")
    assert [(each.kind, each.name) for each in draft.references if each.defined is False] == [("volume", "gone")]
    embedded = web.containers[0].texts["/etc/app/gunicorn.conf.py"]
    from gwaudit.resolve.kubernetes.rewrite import EmbeddedFile

    file = EmbeddedFile(embedded)
    assert file.text == "workers = 4\n"
    at = file.text.index("4")
    assert str(file.origin(at, at + 1).location) == "k8s/all.yaml:44:15"
    assert str(file.location(at, at + 1)) == "k8s/all.yaml:44:15"


SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
"""
PORTS = "          ports: [{name: http, containerPort: 4444}]\n"


def route(drafts: Drafts, text: str, kind: str) -> dict[str, object]:
    draft = only(drafts, workload(container=PORTS) + SERVICE + text)
    assert "front" in draft.workloads[0].aliases
    found = next(each for each in draft.endpoints if each.kind == kind)
    assert (found.workload, found.port) == ("web", 4444)
    facts = {name.removeprefix("hop."): fact.value for name, fact in found.facts.items()}
    return {"host": found.host, "path": found.path, "public": found.public, "outer_port": found.outer_port, **facts}


def ingress(annotations: str, spec: str = "") -> str:
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: in
  annotations: {{{annotations}}}
spec:
{spec}  rules:
    - host: a.example.com
      http: {{paths: [{{path: /mcp, backend: {{service: {{name: front, port: {{name: http}}}}}}}}]}}
"""


def test_ingress_nginx(drafts: Drafts) -> None:
    text = ingress('nginx.ingress.kubernetes.io/proxy-read-timeout: "300"', "  tls: [{hosts: [a.example.com]}]\n")
    found = route(drafts, text, "ingress")
    assert found["product"] == "ingress-nginx"
    assert (found["read_timeout"], found["connect_timeout"], found["buffering"]) == (300.0, 5.0, False)
    assert (found["tls"], found["public"], found["path"], found["host"]) == (True, True, "/mcp", "a.example.com")


def test_alb(drafts: Drafts) -> None:
    annotations = (
        "alb.ingress.kubernetes.io/scheme: internal, "
        'alb.ingress.kubernetes.io/load-balancer-attributes: "x=y,idle_timeout.timeout_seconds=120"'
    )
    found = route(drafts, ingress(annotations, "  ingressClassName: alb\n"), "ingress")
    assert (found["product"], found["read_timeout"], found["public"], found["tls"]) == ("alb", 120.0, False, False)


def test_unknown_controller(drafts: Drafts) -> None:
    found = route(drafts, ingress("", "  ingressClassName: own\n"), "ingress")
    assert isinstance(found["product"], Unknown)
    assert "read_timeout" not in found


@pytest.mark.parametrize(("annotation", "timeout"), [("", 30.0), ("haproxy.router.openshift.io/timeout: 2m", 120.0)])
def test_openshift_route(drafts: Drafts, annotation: str, timeout: float) -> None:
    text = f"""\
apiVersion: route.openshift.io/v1
kind: Route
metadata: {{name: r, annotations: {{{annotation}}}}}
spec: {{host: a.example.com, to: {{name: front}}, port: {{targetPort: http}}, tls: {{termination: edge}}}}
"""
    found = route(drafts, text, "route")
    assert (found["read_timeout"], found["tls"], found["outer_port"]) == (timeout, True, 443)


def test_http_route(drafts: Drafts) -> None:
    text = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec:
  hostnames: [a.example.com]
  rules:
    - matches: [{path: {value: /x}}]
      timeouts: {request: 10s, backendRequest: 0s}
      backendRefs: [{name: front, port: 80}]
"""
    found = route(drafts, text, "gateway")
    assert (found["request_timeout"], found["read_timeout"], found["path"]) == (10.0, ABSENT, "/x")


def test_knative(drafts: Drafts) -> None:
    text = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: gateway}
spec:
  template:
    metadata: {annotations: {autoscaling.knative.dev/min-scale: "1", autoscaling.knative.dev/maxScale: "5"}}
    spec:
      containerConcurrency: 20
      timeoutSeconds: 900
      containers: [{image: web:1, ports: [{containerPort: 4444}]}]
"""
    draft = only(drafts, text)
    assert draft.kind == "knative"
    web = draft.workloads[0]
    assert web.facts["workload.request_timeout"].value == 900.0
    assert web.facts["workload.request_timeout_cap"].value == 600.0
    assert (web.facts["workload.replicas_min"].value, web.facts["workload.replicas_max"].value) == (1, 5)
    assert web.containers[0].facts["container.concurrency"].value == 20
    assert web.containers[0].environment.get("PORT").value == "4444"


def test_openshift_template(drafts: Drafts) -> None:
    text = """\
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: t}
parameters:
  - {name: REPLICAS, value: "3"}
  - {name: TAG, value: v1}
  - {name: KEY, generate: expression, from: "[a-z]{8}"}
  - {name: HOST, required: true}
objects:
  - apiVersion: apps.openshift.io/v1
    kind: DeploymentConfig
    metadata: {name: web}
    spec:
      replicas: ${{REPLICAS}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: main
              image: quay.io/web:${TAG}
              env: [{name: K, value: "${KEY}"}, {name: H, value: "https://${HOST}/"}, {name: T, value: "${TAG}"}]
"""
    web = only(drafts, text).workloads[0]
    assert web.facts["workload.replicas"].value == 3
    assert str(web.facts["workload.replicas"].location) == "k8s/all.yaml:5:29"
    main = web.containers[0]
    assert main.image is not None
    assert main.image.value == "quay.io/web:v1"
    assert isinstance(main.environment.get("K").value, Unknown)
    assert isinstance(main.environment.get("H").value, Unknown)
    assert main.environment.get("T").value == "v1"


def test_operators(drafts: Drafts) -> None:
    text = """\
apiVersion: postgres-operator.crunchydata.com/v1beta1
kind: PostgresCluster
metadata: {name: pg}
spec:
  postgresVersion: 16
  instances: [{replicas: 2}, {replicas: 1}]
  patroni: {dynamicConfiguration: {postgresql: {parameters: {max_connections: 300}}}}
  proxy: {pgBouncer: {replicas: 2, config: {global: {pool_mode: transaction, default_pool_size: "50"}}}}
"""
    server, pooler = only(drafts, text).workloads
    assert server.facts["server.max_connections"].value == 300
    assert server.facts["workload.replicas"].value == 3
    assert "pg-primary" in server.aliases
    assert pooler.facts["server.pool_mode"].value == "transaction"
    assert pooler.facts["server.default_pool_size"].value == 50


def test_broken_input_is_no_traceback(drafts: Drafts) -> None:
    odd = [
        "spec: 1", "spec: {template: [1]}", "spec: {template: {spec: {containers: {a: b}}}}",
        "spec: {template: {spec: {containers: [1, [], {name: []}, {name: x, env: x, ports: [1], command: x}]}}}",
        "spec: {template: {spec: {volumes: [1, {name: v}], containers: [{name: x, volumeMounts: [{mountPath: []}]}]}}}",
        "spec: {replicas: [], strategy: x, template: {spec: {containers: [{name: x, livenessProbe: [], lifecycle: 1}]}}}",
        "metadata: [1]",
    ]  # fmt: skip
    for text in odd:
        drafts({"k8s/all.yaml": f"apiVersion: apps/v1\nkind: Deployment\n{text}\n"})
