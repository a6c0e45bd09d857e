"""HCL: the tree against python-hcl2, exact places, and hostile input."""

from __future__ import annotations

from typing import Any

import pytest
from clock import ends_soon
from hypothesis import given, settings
from hypothesis import strategies as st

from gwaudit.parse.document import Document, Mapping, Node, ParseFailure, Scalar, Sequence
from gwaudit.parse.hcl import parse_documents
from gwaudit.parse.hcl.syntax import Body, Expression, Key, Reference, Template
from gwaudit.source import SourceFile

JOB = """\
variable "tag" { default = "1.0" }
job "gäteway" {
  datacenters = ["dc1", "dc2"]
  group "web" {
    count = 3
    task "app" {
      driver = "docker"
      config {
        image = "gw:${var.tag}"
        args  = ["-w", 4, -1, true, null, local.all["x"].y]
      }
      env = { KEY = "a\\"b\\n", "quoted" : "v", (var.k) = 1 }
      doc = <<-EOF
        first
          second ${var.tag}
      EOF
      raw = <<EOF
line
EOF
      size = max(1, 2) # a comment
      pick = var.a ? 1 : 2
      literal = "$${kept} %%{kept}"
    }
  }
}
"""


def body(text: str) -> Body:
    found = parse_documents(SourceFile("x.hcl", text))
    assert len(found) == 1
    assert isinstance(found[0], Document), found
    root = found[0].root
    assert isinstance(root, Body)
    return root


def task() -> Body:
    job = body(JOB).first("job")
    assert job is not None
    group = job.body.first("group")
    assert group is not None
    found = group.body.first("task")
    assert found is not None
    return found.body


def test_blocks_have_labels_and_places() -> None:
    job = body(JOB).first("job")
    assert job is not None
    assert job.label == "gäteway"
    assert str(job.head.location) == "x.hcl:2:5"
    group = job.body.first("group")
    assert group is not None
    count = group.body.get("count")
    assert isinstance(count, Scalar)
    assert (count.text, str(count.location)) == ("3", "x.hcl:5:13")


def test_values() -> None:
    config = task().first("config")
    assert config is not None
    image = config.body.get("image")
    assert isinstance(image, Template)
    assert image.parts[0] == "gw:"
    assert isinstance(image.parts[1], Reference)
    assert image.parts[1].steps == ("var", "tag")
    args = config.body.get("args")
    assert isinstance(args, Sequence)
    assert [item.text for item in args.items[:5] if isinstance(item, Scalar)] == ["-w", "4", "-1", "true", "null"]
    last = args.items[5]
    assert isinstance(last, Reference)
    assert last.steps == ("local", "all", "x", "y")


def test_objects_keep_words_strings_and_computed_keys() -> None:
    env = task().get("env")
    assert isinstance(env, Mapping)
    assert [(key.text, key.tag) for key, _ in env.entries] == [("KEY", None), ("quoted", None), ("(var.k)", "computed")]
    first = env.get("KEY")
    assert isinstance(first, Scalar)
    assert first.text == 'a"b\n'


def test_heredocs_and_expressions() -> None:
    found = task()
    document = found.get("doc")
    assert isinstance(document, Template)
    assert document.parts[0] == "first\n  second "
    assert document.parts[2] == "\n"
    raw = found.get("raw")
    assert isinstance(raw, Scalar)
    assert raw.text == "line\n"
    size = found.get("size")
    assert isinstance(size, Expression)
    assert (size.kind, size.name) == ("function", "max")
    pick = found.get("pick")
    assert isinstance(pick, Expression)
    assert pick.kind == "conditional"
    literal = found.get("literal")
    assert isinstance(literal, Scalar)
    assert literal.text == "${kept} %{kept}"


def test_a_syntax_error_has_a_place() -> None:
    found = parse_documents(SourceFile("x.hcl", 'job "a" {\n  count = = 3\n}\n'))
    assert isinstance(found[0], ParseFailure)
    assert found[0].location.line == 2


def test_json_is_read_as_json() -> None:
    found = parse_documents(SourceFile("x.nomad.json", '{"job": {"a": {}}}'))
    assert isinstance(found[0], Document)
    assert isinstance(found[0].root, Mapping)


def plain(node: Node) -> Any:
    if isinstance(node, Body):
        found: dict[str, Any] = {key.text: plain(value) for key, value in node.entries}
        for block in node.blocks:
            inner: Any = plain(block.body)
            for label in reversed(block.labels):
                inner = {label.text: inner}
            found.setdefault(block.type.text, []).append(inner)
        return found
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    if node.style != "plain":
        return node.text
    return {"true": True, "false": False, "null": None}.get(node.text, node.text)


def oracle(value: Any) -> Any:
    """python-hcl2's answer without its marks: quotes around strings and labels, ``__is_block__``."""
    if isinstance(value, dict):
        return {oracle(key): oracle(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [oracle(item) for item in value]
    if isinstance(value, str) and value[:1] == '"' == value[-1:]:
        return value[1:-1]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


_WORD = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda word: word not in ("true", "false", "null", "for", "if", "in", "else", "endif", "endfor")
)
_TEXT = st.text("abcdé ü€𝄞/:.-_", max_size=8)


@st.composite
def sources(draw: st.DrawFn, depth: int = 0) -> str:
    lines = []
    for name in draw(st.lists(_WORD, unique=True, max_size=4)):
        kind = draw(st.sampled_from(["text", "number", "bool", "list", "block"] if depth < 3 else ["text", "number"]))
        if kind == "text":
            lines.append(f'{name} = "{draw(_TEXT)}"')
        elif kind == "number":
            lines.append(f"{name} = {draw(st.integers(0, 99999))}")
        elif kind == "bool":
            lines.append(f"{name} = {draw(st.sampled_from(['true', 'false']))}")
        elif kind == "list":
            items = ", ".join(f'"{item}"' for item in draw(st.lists(_TEXT, max_size=3)))
            lines.append(f"{name} = [{items}]")
        else:
            lines.append(f'{name} "{draw(_WORD)}" {{\n{draw(sources(depth + 1))}\n}}')
    return "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None)
@given(sources())
def test_agrees_with_python_hcl2(text: str) -> None:
    try:
        import hcl2
    except ImportError:
        pytest.skip("the oracle python-hcl2 is not installed")
    assert plain(body(text)) == oracle(hcl2.loads(text))


@settings(max_examples=60, deadline=None)
@given(sources())
def test_every_scalar_stands_where_it_says(text: str) -> None:
    stack: list[Node] = [body(text)]
    while stack:
        node = stack.pop()
        if isinstance(node, Body):
            stack.extend(block.body for block in node.blocks)
        if isinstance(node, Mapping):
            stack.extend(value for _, value in node.entries)
        if isinstance(node, Sequence):
            stack.extend(node.items)
        if isinstance(node, Scalar):
            assert node.raw.strip('"') == node.text


@settings(max_examples=150, deadline=None)
@given(st.text('ab1"${}[]()=<-\n\\%é:?,.#\x00\ud800', max_size=60))
def test_nothing_breaks_it(text: str) -> None:
    for found in parse_documents(SourceFile("x.hcl", text)):
        if isinstance(found, Document):
            assert found.root.end <= len(text)
        else:
            assert found.location.line >= 1


@pytest.mark.parametrize(
    "text",
    ["a=" + "[" * 70_000, "a {" * 30_000 + "}" * 30_000, "a=" + "(" * 70_000 + "1" + ")" * 70_000, '"' * 140_000,
     "a=1" + "+1" * 70_000, 'a="' + '${"' * 45_000, "a=b" + ".c" * 70_000],
)  # fmt: skip
def test_hostile_nesting_ends_soon(text: str) -> None:
    with ends_soon(2):
        parse_documents(SourceFile("x.hcl", text))


def test_a_very_long_file_is_refused() -> None:
    found = parse_documents(SourceFile("x.hcl", "a = 1\n" * 200_000))
    assert isinstance(found[0], ParseFailure)


def test_parts_of_expressions() -> None:
    root = body(
        'a = var.x == "p" ? 1 : f(2, var.y)\nb = !(true && var.z)\nc = 1 + 2\nd = merge(var.m...)\ne = {"${var.x}-k" = 1}\n'
    )
    conditional = root.get("a")
    assert isinstance(conditional, Expression)
    assert [type(part).__name__ for part in conditional.parts] == ["Expression", "Scalar", "Expression"]
    comparison, _, call = conditional.parts
    assert isinstance(comparison, Expression)
    assert (comparison.name, repr(comparison.parts)) == ("==", "(Reference(var.x), Scalar('p'))")
    assert isinstance(call, Expression)
    assert (call.kind, call.name, len(call.parts)) == ("function", "f", 2)
    negated = root.get("b")
    assert isinstance(negated, Expression)
    assert (negated.name, [part.name for part in negated.parts if isinstance(part, Expression)]) == ("!", ["&&"])
    assert all(found.parts == () for name in "cd" if isinstance(found := root.get(name), Expression))
    mapping = root.get("e")
    assert isinstance(mapping, Mapping)
    key = mapping.entries[0][0]
    assert isinstance(key, Key)
    assert isinstance(key.expression, Template)


def test_deep_expressions_keep_the_file() -> None:
    """What is nested too deep is no part of anything; the rest of the file is still read."""
    root = body(f"a = {'f(' * 300}1{')' * 300}\nb = {'!' * 300}true\nc = {' && '.join(['true'] * 300)}\nd = 2\n")
    assert repr(root.get("d")) == "Scalar('2')"
