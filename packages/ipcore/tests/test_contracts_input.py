"""What the contracts of transformers catch, and in which words. The core has no transformer of its own."""

from __future__ import annotations

import ast
import textwrap

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.texts import PLAIN, for_all, plain_python, with_names_of


def transformer(
    transform: str = "return [lines[0].removeprefix('calc ').replace('times', '*'), *lines[1:]]",
    applies: str = "return re.match(r'calc +\\d', source) is not None",
    attributes: str = "name = 'calc'; stage = 'cleanup'",
) -> str:
    """Give a plugin with a transformer of text whose methods have certain bodies."""
    return (
        f"import re\n\nclass Calc:\n    {attributes}\n\n"
        f"    def applies(self, source):\n{textwrap.indent(textwrap.dedent(applies), ' ' * 8)}\n\n"
        f"    def transform(self, lines):\n{textwrap.indent(textwrap.dedent(transform), ' ' * 8)}\n\n"
        "@hookimpl\ndef ipshell_input_transformers(shell):\n    return [Calc()]\n"
    )


EACH_LINE = "return [re.sub(r'^calc (\\d+) times', r'\\1 *', line) for line in lines]"

TRANSFORMERS = {
    "good": Plugin(transformer(), attributes={"incomplete": ["calc 6 times (7"]}),
    "refusing": Plugin(
        transformer(
            "if 'divided' in lines[0]:\n    raise SyntaxError('calc cannot divide')\n"
            "return [lines[0].removeprefix('calc ').replace('times', '*'), *lines[1:]]"
        ),
        attributes={"refuses": ["calc 6 divided by 7"]},
    ),
    "takes_a_variable": Plugin(
        transformer(applies="return source.startswith('calc ')"),
        "it_leaves_plain_python_alone",
        ("of plain Python, 'calc = 1\\n', it makes\n= 1", "has to pass unchanged"),
    ),
    "looks_into_strings": Plugin(
        transformer(EACH_LINE, "return 'calc ' in source"),
        "it_leaves_plain_python_alone",
        ("calc 6 times 7", "That stands in a string or a comment", "leaves_strings_alone = False"),
    ),
    "says_that_it_looks_into_strings": Plugin(
        transformer(EACH_LINE, "return 'calc ' in source"), attributes={"leaves_strings_alone": False}
    ),
    "raises": Plugin(
        transformer("return [str(6 * int(lines[0].split(None, 4)[3]))]"),
        "it_survives_any_text",
        ("transform() of 'calc 6", "raised IndexError", "refuse one by a SyntaxError"),
    ),
    "gives_text": Plugin(
        transformer("return lines[0].removeprefix('calc ').replace('times', '*')"),
        "the_examples_come_out_as_they_say",
        ("gives '6 * 7\\n'", "It has to give a list of lines"),
    ),
    "never_applies": Plugin(
        transformer(applies="return source == 'calc'"),
        "the_examples_come_out_as_they_say",
        ("applies('calc 6 times 7') is False, so it is never asked",),
    ),
    "counts": Plugin(
        transformer("self.seen = getattr(self, 'seen', 5) + 1\nreturn [f'{self.seen} * 7\\n']"),
        "the_examples_come_out_as_they_say",
        ("it makes\n7 * 7\nand not, as the example says,\n6 * 7",),
    ),
    "adds_lines": Plugin(
        transformer("return ['# calc\\n', lines[0].removeprefix('calc ').replace('times', '*')]"),
        "it_keeps_the_number_of_lines",
        (
            "of 1 line, 'calc 6 times 7', it makes 2",
            "tracebacks name the wrong lines",
            "keeps_lines = False",
        ),
        {"examples": {"calc 6 times 7": "# calc\n6 * 7"}},
    ),
    "wraps_again": Plugin(
        transformer("return [f'({lines[0].strip()})\\n']", "return 'secret' in source"),
        "rewriting_twice_is_rewriting_once",
        ("and of that\n((secret))", "idempotent = False"),
        {"examples": {"secret": "(secret)"}},
    ),
    "tries_itself": Plugin(
        transformer(
            "return [lines[0].replace('times', '*').removeprefix('calc ')]",
            "return self.transform([source]) != [source] and source[5:6].isdigit()",
        ),
        "it_says_cheaply_whether_it_applies",
        ("applies() calls transform().", "Look for what is cheap to find"),
    ),
    "notes": Plugin(
        transformer(
            "import os\nos.environ['CALC'] = lines[0].strip()\n"
            "return [lines[0].replace('times', '*').removeprefix('calc ')]"
        ),
        "it_does_nothing_but_rewrite",
        ("rewriting 'calc 6 times 7' changes os.environ", "has_side_effects = True"),
    ),
    "looks": Plugin(
        transformer(
            "import os\nos.listdir('.')\nreturn [lines[0].replace('times', '*').removeprefix('calc ')]"
        ),
        "it_does_nothing_but_rewrite",
        ("while it rewrites 'calc 6 times 7' it lists the folder '.'.",),
    ),
    "parses": Plugin(
        transformer(
            applies="import ast\ntry:\n    ast.parse(source)\nexcept Exception:\n"
            "    return source.startswith('calc ')\nreturn False"
        ),
        "it_says_cheaply_whether_it_applies",
        ("applies() parses the text.",),
    ),
    "no_python": Plugin(
        transformer(
            "return [line.replace('times', 'x') for line in lines]", "return re.match(r'calc +\\d', source)"
        ),
        "the_examples_come_to_python",
        ("what the shell makes of 'calc 6 times 7' is no Python", "stage `cleanup`"),
        {"examples": {"calc 6 times 7": "calc 6 x 7"}},
    ),
    "no_name": Plugin(
        transformer(attributes="stage = 'cleanup'"),
        "the_examples_come_out_as_they_say",
        ("the name of its input transformer Calc is None", "a word that users see in reports"),
    ),
    "no_stage": Plugin(
        transformer(attributes="name = 'calc'; stage = 'late'"),
        "the_examples_come_out_as_they_say",
        ('neither "cleanup" nor "post"',),
    ),
    "silent_refusal": Plugin(
        transformer("raise SyntaxError"),
        "what_it_refuses_is_the_users_error",
        ("it refuses 'calc 6 / 0' without a word", "raise SyntaxError('calc cannot divide')"),
        {"refuses": ["calc 6 / 0"]},
    ),
    "eager": Plugin(
        transformer(
            "text = lines[0].removeprefix('calc ').replace('times', '*').strip()\n"
            "return [text + ')' * (text.count('(') - text.count(')')) + '\\n', *lines[1:]]"
        ),
        "it_can_be_asked_whether_a_text_is_complete",
        ("asked whether 'calc 6 times (7' is complete, the shell says 'complete', not 'incomplete'",),
        {"incomplete": ["calc 6 times (7"]},
    ),
    "gives_none": Plugin(
        "@hookimpl\ndef ipshell_input_transformers(shell):\n    return []\n",
        "the_examples_come_out_as_they_say",
        ("it gives no input transformer.", "ipshell_input_transformers(shell) has to return a list"),
    ),
}


def visitor(body: str, name: str = "visit_Constant", before: str = "") -> str:
    """Give a plugin with an AST transformer whose method has a certain body."""
    return (
        f"import ast\n{before}\nclass Doubled(ast.NodeTransformer):\n"
        f"    def {name}(self, node):\n{textwrap.indent(textwrap.dedent(body), ' ' * 8)}\n\n"
        "@hookimpl\ndef ipshell_ast_transformers(shell):\n    return [Doubled()]\n"
    )


AST_TRANSFORMERS = {
    "good": Plugin(
        visitor("return ast.Constant(node.value * 2) if type(node.value) is int else node"),
        attributes={"leaves_alone": ["x = 'a'"]},
    ),
    "rejecting": Plugin(
        visitor(
            "if node.value == 13:\n    raise InputRejected('no 13 here')\n"
            "return ast.Constant(node.value * 2) if type(node.value) is int else node",
            before="from ipcore.errors import InputRejected",
        ),
        attributes={"rejects": ["x = 13"]},
    ),
    "gives_nothing": Plugin(
        visitor("self.generic_visit(node)", "visit"),
        "the_examples_come_out_as_they_say",
        ("gives NoneType, not a module", "Return the node at the end"),
    ),
    "raises": Plugin(
        visitor("return ast.Constant(node.value * 2)"),
        "what_it_gives_can_be_compiled",
        ("raised TypeError", "unsupported operand", "raise ipcore.errors.InputRejected"),
    ),
    "removes": Plugin(
        visitor("return None if node.value == 2 else ast.Constant(42)"),
        "what_it_gives_can_be_compiled",
        ("cannot be compiled", "Are all fields of its new nodes set"),
    ),
    "other_places": Plugin(
        visitor("return ast.parse('42').body[0].value"),
        "places_are_those_in_the_cell",
        ("a new Constant says line 1.", "code stands on line 6", "ast.copy_location(new, old)"),
    ),
    "counts": Plugin(
        visitor("self.n = getattr(self, 'n', 41) + 1\nreturn ast.copy_location(ast.Constant(self.n), node)"),
        "the_examples_come_out_as_they_say",
        ("it makes\nx = 43\nand not, as the example says,\nx = 42",),
    ),
    "doubles_text": Plugin(
        visitor("return ast.Constant(node.value * 2) if node.value.__class__ in (int, str) else node"),
        "it_leaves_alone_what_is_not_for_it",
        ("\"x = 'a'\" was to pass, and came out as",),
        {"leaves_alone": ["x = 'a'"]},
    ),
    "rejects_silently": Plugin(
        visitor("raise InputRejected", before="from ipcore.errors import InputRejected"),
        "what_it_rejects_does_not_run",
        ("it cancels 'x = 13' without a word",),
        {"rejects": ["x = 13"]},
    ),
}


@pytest.fixture(scope="module")
def transformers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {
        key: each._replace(attributes={"examples": {"calc 6 times 7": "6 * 7"}, **each.attributes})
        for key, each in TRANSFORMERS.items()
    }
    return judge(tmp_path_factory.mktemp("input"), "InputTransformerContract", plugins)


@pytest.fixture(scope="module")
def ast_transformers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {
        key: each._replace(attributes={"examples": {"x = 21": "x = 42"}, **each.attributes})
        for key, each in AST_TRANSFORMERS.items()
    }
    return judge(tmp_path_factory.mktemp("trees"), "AstTransformerContract", plugins)


@pytest.mark.parametrize("key", TRANSFORMERS)
def test_an_author_is_told_what_is_wrong_with_an_input_transformer(
    transformers: dict[str, str], key: str
) -> None:
    check(transformers[key], TRANSFORMERS[key])


@pytest.mark.parametrize("key", AST_TRANSFORMERS)
def test_an_author_is_told_what_is_wrong_with_an_ast_transformer(
    ast_transformers: dict[str, str], key: str
) -> None:
    check(ast_transformers[key], AST_TRANSFORMERS[key])


def check(said: str, plugin: Plugin) -> None:
    assert bool(said) == bool(plugin.fails), said
    for word in plugin.says:
        assert word in said, said


# -- the texts that transformers are tried with ----------------------------------------


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_plain_python_is_plain_python() -> None:
    quoted = ["calc 6 times 7", "line\n%magic\n  indented", "'''", "x = '''"]
    cells: list[str] = []
    for_all(plain_python(quoted), cells.append, first=[*PLAIN, *with_names_of(["calc 6", "% 7"])])
    for cell in cells:
        compile(cell, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    text = "".join(cells)
    assert "calc = 1\n" in text
    assert '"""\nline\n%magic\n  indented\n"""' in text or "'''line\n%magic\n  indented\n'''" in text


def test_the_same_texts_are_tried_every_time() -> None:
    tried: list[list[str]] = [[], []]
    for texts in tried:
        for_all(plain_python(), texts.append, most=20)
    assert tried[0] == tried[1]
    assert len(set(tried[0])) > 5
