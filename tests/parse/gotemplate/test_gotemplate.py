"""Go templates: tokens, trimming, trees, places and failures, against written tables."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwaudit.parse.gotemplate import SyntaxFailure, parse
from gwaudit.parse.gotemplate.lexer import tokens
from gwaudit.parse.gotemplate.nodes import Action, Branch, Call, Chain, Constant, Field, Function, Pipe, Text, Variable


def texts(template: str) -> list[str]:
    return [node.text if isinstance(node, Text) else "#" for node in parse(template).body]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a {{ .x }} b", ["a ", "#", " b"]),
        ("a {{- .x }} b", ["a", "#", " b"]),
        ("a {{ .x -}} b", ["a ", "#", "b"]),
        ("a\n\t{{- .x -}}\r\n b", ["a", "#", "b"]),
        ("a {{- /* c */ -}} b", ["a", "b"]),
        ("a {{/* c */}} b", ["a ", " b"]),
        ("a {{-1}} b", ["a ", "#", " b"]),
        ("{{ 1 -}}\n{{- 2 }}", ["#", "#"]),
        ("}} {x} {{ `}}` }}", ["}} {x} ", "#"]),
        ('{{ "}}" }}', ["#"]),
        ("a {{- /* {{ nested }} */ -}} b", ["a", "b"]),
        ("no action", ["no action"]),
        ("", []),
    ],
)
def test_trimming(template: str, expected: list[str]) -> None:
    assert texts(template) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("+3", 3),
        ("1_000", 1000),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 15),
        ("0b101", 5),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("'a'", 97),
        (r"'\n'", 10),
        ('"a\\tb\\u00e9\\x41\\101"', "a\tbéAA"),
        ("`raw\\n`", "raw\\n"),
        ("true", True),
        ("false", False),
    ],
)
def test_constants(text: str, value: object) -> None:
    action = parse("{{ " + text + " }}").body[0]
    assert isinstance(action, Action)
    (command,) = action.pipe.commands
    (word,) = command.words
    assert isinstance(word, Constant)
    assert word.value == value
    assert type(word.value) is type(value)


def test_a_space_separates_a_field_from_the_next_operand() -> None:
    joined = parse("{{ f .a.b }}").body[0].pipe.commands[0].words
    apart = parse("{{ f .a .b }}").body[0].pipe.commands[0].words
    assert [word.names for word in joined[1:]] == [("a", "b")]
    assert [word.names for word in apart[1:]] == [("a",), ("b",)]


def test_words_of_a_pipeline() -> None:
    pipe = parse('{{ $x := (index .a "k").b | default $y.z nil }}').body[0].pipe
    assert pipe.variables == ("$x",)
    assert not pipe.assigns
    first, second = pipe.commands
    (chain,) = first.words
    assert isinstance(chain, Chain)
    assert chain.names == ("b",)
    assert isinstance(chain.node, Pipe)
    function, variable, _ = second.words
    assert isinstance(function, Function)
    assert isinstance(variable, Variable)
    assert (variable.name, variable.names) == ("$y", ("z",))


def test_places_are_offsets_into_the_text() -> None:
    text = "ab\n{{- if .x }}c{{ .y }}{{ else if .z }}d{{ end -}}\n e"
    branch = parse(text).body[1]
    assert isinstance(branch, Branch)
    assert text[branch.start : branch.end].startswith("{{-")
    assert text[branch.start : branch.head] == "{{- if .x }}"
    action = branch.body[1]
    assert text[action.start : action.end] == "{{ .y }}"
    field = action.pipe.commands[0].words[0]
    assert isinstance(field, Field)
    assert text[field.start : field.end] == ".y"


def test_definitions_and_blocks() -> None:
    parsed = parse('{{ define "a" }}A{{ end }}{{ block "b" .x }}B{{ end }}{{ template "a" }}')
    assert [name for name, _ in parsed.defines] == ["a", "b"]
    assert [node.name for node in parsed.body if isinstance(node, Call)] == ["b", "a"]


@pytest.mark.parametrize(
    ("template", "message", "offset"),
    [
        ("{{ .x", "unclosed action", 0),
        ("a{{ if .x }}b", "{{if}} has no {{end}}", 1),
        ("{{ end }}", "unexpected {{end}}", 3),
        ("{{ else }}", "unexpected {{else}}", 3),
        ('{{ "open }}', "unexpected '\"' in an action", 3),
        ("{{/* open", "unclosed comment", 0),
        ("{{/* a */ }}", "comment ends before closing delimiter", 0),
        ("{{ break }}", "{{break}} outside {{range}}", 0),
        ("{{ (.x }}", "unexpected '}}' in an action", 7),
        ("{{ .x | 1 }}", "a value that is no function in the middle of a pipeline", 8),
        ("{{ if true }}{{ define \"x\" }}{{ end }}{{ end }}", "unexpected {{define}}", 13),
        ("{{ }}", "missing value for a command", 3),
        ("{{ 'ab' }}", "malformed character constant: 'ab'", 3),
    ],
)  # fmt: skip
def test_failures_say_where(template: str, message: str, offset: int) -> None:
    with pytest.raises(SyntaxFailure) as caught:
        parse(template)
    assert (caught.value.message.strip(), caught.value.offset) == (message, offset)


@pytest.mark.parametrize(
    "template", ["{{ if true }}" * 5000, "{{ (" * 5000, "{{ " + "(" * 5000 + "1", "{{ if 1 }}{{ else if 1 }}" * 3000]
)
def test_deep_nesting_is_refused(template: str) -> None:
    with pytest.raises(SyntaxFailure):
        parse(template)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="{}-/*|.$x\"`'() \n:=,1iferangd", max_size=60))
def test_any_text_is_a_tree_or_a_failure(text: str) -> None:
    try:
        parsed = parse(text)
    except SyntaxFailure as error:
        assert 0 <= error.offset <= len(text)
    else:
        for node in parsed.body:
            assert 0 <= node.start <= node.end <= len(text)


def test_tokens_carry_their_text() -> None:
    text = "x {{ a.b  .c -}} y"
    assert all(text[token.start : token.end] == token.text for token in tokens(text) if token.kind != "open")
