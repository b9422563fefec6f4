"""Walls between audiences, held by what the code may not say."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import supportbot
from supportbot.domain.chat.audiences import Scope

ROOT = Path(supportbot.__file__).parent
MODULES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted([*ROOT.rglob("*.py"), *(ROOT.parent / "adapters").rglob("*.py")])
    if path.is_relative_to(ROOT)
}
FINDING = {"FoundPassage", "Match", "NearPassage"}
"""What is somebody's words: a function that gives it has to say for whom."""
SEARCHED = (
    "store/knowledge.py",
    "store/engine/fts5.py",
    "retrieval/index.py",
    "knowledge/search.py",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: str) -> Iterator[Function]:
    return (node for node in ast.walk(MODULES[module]) if isinstance(node, Function))


def parameters(function: Function) -> dict[str, tuple[str, str]]:
    """Return each parameter's annotation and default; an empty default is none."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    without = [None] * (len(positional) - len(arguments.defaults))
    pairs = [
        *zip(positional, [*without, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {
        argument.arg: (
            ast.unparse(argument.annotation) if argument.annotation else "",
            ast.unparse(default) if default else "",
        )
        for argument, default in pairs
    }


def gives_what_was_found(function: Function) -> bool:
    """Whether a function gives passages, matches, or ids with their scores."""
    if function.returns is None or function.name.startswith("_"):
        return False
    names = {node.id for node in ast.walk(function.returns) if isinstance(node, ast.Name)}
    return bool(names & FINDING) or ast.unparse(function.returns) == "dict[int, float]"


FINDERS = [
    pytest.param(function, id=f"{module}: {function.name}")
    for module in SEARCHED
    for function in functions(module)
    if gives_what_was_found(function)
]
SCOPED = [
    (module, function.name, *parameters(function)["scope"])
    for module in MODULES
    for function in functions(module)
    if "scope" in parameters(function)
]


def test_a_scope_is_made_in_one_place_only() -> None:
    makers = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Scope"
    }

    assert makers == {"domain/chat/audiences.py"}


def test_a_scope_is_not_changed_after_it_was_made() -> None:
    changed = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "replace"
        and (ast.unparse(node).startswith("replace(scope") or "audiences=" in ast.unparse(node))
    }

    assert changed == set()


def test_the_functions_that_find_something_are_looked_at() -> None:
    assert [finder.id for finder in FINDERS] == [
        "store/knowledge.py: read_passages",
        "store/knowledge.py: read_document_passages",
        "store/engine/fts5.py: score_word",
        "retrieval/index.py: search",
        "retrieval/index.py: search_words",
        "retrieval/index.py: cosines",
        "retrieval/index.py: days",
        "knowledge/search.py: find_matches",
        "knowledge/search.py: near_passages",
    ]


@pytest.mark.parametrize(
    "function", [f for f in FINDERS if not str(f.id).endswith((": cosines", ": score_word"))]
)
def test_who_finds_something_has_to_say_for_whom(function: Function) -> None:
    assert parameters(function)["scope"] == ("Scope", "")


def callers(name: str) -> list[str]:
    return [
        f"{module}: {function.name}"
        for module in MODULES
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(f".{name}")
    ]


def test_cosines_are_given_only_of_passages_that_a_scope_let_through() -> None:
    """`Index.cosines` has no scope: its ids come from a search that has one."""
    assert callers("cosines") == [
        "knowledge/search.py: find_matches",
        "knowledge/search.py: near_passages",
        "knowledge/search.py: _shown",
    ]


def test_scores_of_a_word_are_read_only_for_a_search_that_has_a_scope() -> None:
    """`fts5.score_word` has no scope: `Index.search_words` calls it, and has one."""
    assert callers("score_word") == []
    assert callers("search_words") == ["knowledge/search.py: find_matches"]
    assert namers("score_word") == ["knowledge/search.py: find_matches"]


def namers(name: str) -> list[str]:
    """Return the functions that name another, be it to call it or to hand it on."""
    return [
        f"{module}: {function.name}"
        for module in MODULES
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == name
    ]


def test_texts_are_read_only_of_passages_that_a_scope_let_through() -> None:
    """`fts5.texts_of` has no scope either."""
    assert callers("texts_of") == [
        "knowledge/search.py: near_passages",
        "knowledge/search.py: _looked_at_again",
    ]


def test_no_scope_may_be_left_out_but_where_hashes_alone_are_read() -> None:
    may_be_left_out = [(module, name) for module, name, _, default in SCOPED if default]

    assert may_be_left_out == [("store/knowledge.py", "hashes_of")]


def test_every_scope_is_a_scope() -> None:
    kinds = {annotation for module, _, annotation, _ in SCOPED if module.startswith(("store", "s"))}

    assert kinds == {"Scope", "Scope | None"}


def test_a_scope_says_what_it_is_of_and_for_whom() -> None:
    required = [
        name
        for name, parameter in inspect.signature(Scope).parameters.items()
        if parameter.default is inspect.Parameter.empty
    ]

    assert required == ["audiences"]


def test_no_query_can_leave_out_the_community() -> None:
    """A transaction carries it: what had to be passed could be forgotten, or another's."""
    asking = [
        f"{module}: {function.name}"
        for module in MODULES
        for function in functions(module)
        if module.startswith("store/") and {"tx", "community_id"} <= parameters(function).keys()
    ]

    assert asking == []


def test_a_scope_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one audience"):
        Scope(frozenset())


def test_a_scope_cannot_be_widened() -> None:
    scope = Scope(frozenset({"community"}))  # type: ignore[arg-type]

    with pytest.raises(AttributeError):
        scope.audiences = frozenset({"place:slack/T1/board"})  # type: ignore[misc, arg-type]
