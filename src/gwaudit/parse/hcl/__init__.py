"""HCL as Nomad and Terraform write it: tree-sitter reads it, this package makes the shared tree (see ``syntax``).

Files ending in ``.json`` are read as JSON. A file with a syntax error gives only the failure, since Nomad and Terraform
refuse it as a whole.
"""

from __future__ import annotations

from gwaudit.parse.document import Document, ParseFailure
from gwaudit.parse.hcl.positions import Positions, failure
from gwaudit.parse.hcl.reader import MAX_DEPTH, Reader, TooDeep, child_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gwaudit.source import SourceFile

MAX_CHARACTERS = 150_000  # what cannot be parsed at all takes tree-sitter 11 s a megabyte


def parse_documents(file: SourceFile) -> list[Document | ParseFailure]:
    """One document whose root is a ``Body`` (HCL) or a ``Mapping`` (JSON), or the failure."""
    if file.path.endswith(".json"):
        from gwaudit.parse.yaml import parse_documents as parse_json

        return parse_json(file)
    if len(file.text) > MAX_CHARACTERS:
        return [ParseFailure(file.location(0, 0), f"HCL is not read: more than {MAX_CHARACTERS:,} characters")]
    import tree_sitter
    import tree_sitter_hcl

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    # Surrogates (bytes that were no UTF-8) and NUL, which ends tree-sitter's input, are no HCL; one character each stays.
    text = file.text.encode("utf-8", "replace").replace(b"\0", b"?")
    root = parser.parse(text).root_node
    positions = Positions(file, text)
    if root.has_error:
        return [failure(positions, root)]
    try:
        return [Document(file, "hcl", Reader(positions).body(child_of(root, "body"), 0, len(text), 0))]
    except TooDeep as error:
        return [
            ParseFailure(file.location(error.at, error.at), f"HCL is not read: nested deeper than {MAX_DEPTH} levels")
        ]
