from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets.config.loader import Config, LazyConfigValue

from ipcore.configuration.files import Loaded, json_lines, load_file, load_values
from ipcore.configuration.origins import Origin, Setting

PLAIN = (bool, int, str, float, list, dict, set, type(None))


def written(path: Path, text: str) -> Path:
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


@pytest.fixture
def python(tmp_path: Path) -> Any:
    def load(text: str, **others: str) -> Loaded:
        for name, content in others.items():
            written(tmp_path / f"{name}.py", content)
        return load_file(written(tmp_path / "conf.py", text), lambda name: tmp_path / f"profile_{name}")

    return load


@pytest.fixture
def from_json(tmp_path: Path) -> Any:
    return lambda text: load_file(written(tmp_path / "conf.json", text))


def places(settings: list[Setting]) -> list[tuple[str, int, str]]:
    return [(each.name, each.origin.line, each.action) for each in settings]


def applied(value: Any, default: Any) -> Any:
    assert isinstance(value, LazyConfigValue)
    return value.get_value(default)


# ---------------------------------------------------------------- Python


def test_each_assignment_is_known_with_its_line(python: Any, tmp_path: Path) -> None:
    loaded = python(
        """
        c = get_config()
        c.Clock.zone = "CET"
        c.Clock.format = (
            "12"
        )

        for name in ("a", "b"):
            setattr(c.Panel, name, 1)
        c.Shell.Clock.zone = "UTC"
        c["Clock"]["size"] = 3
        """
    )
    assert loaded.errors == []
    assert loaded.files == [tmp_path / "conf.py"]
    assert loaded.config == {
        "Clock": {"zone": "CET", "format": "12", "size": 3},
        "Panel": {"a": 1, "b": 1},
        "Shell": {"Clock": {"zone": "UTC"}},
    }
    assert places(loaded.settings) == [
        ("Clock.zone", 3, "="),
        ("Clock.format", 4, "="),
        ("Panel.a", 9, "="),
        ("Panel.b", 9, "="),
        ("Shell.Clock.zone", 10, "="),
        ("Clock.size", 11, "="),
    ]
    assert {setting.origin.file for setting in loaded.settings} == {str(tmp_path / "conf.py")}


def test_lists_dicts_and_sets_can_be_added_to(python: Any) -> None:
    loaded = python(
        """
        c.A.names.append("d")
        c.A.names.extend(["e"])
        c.A.names.prepend(["a"])
        c.A.names.insert(1, "x")
        c.A.names += ["f"]
        c.A.table.update({"k": 1})
        c.A.table["l"] = 2
        c.A.flags.add("u")
        """
    )
    assert loaded.errors == []
    assert applied(loaded.config.A.names, ["b", "c"]) == ["a", "b", "x", "c", "d", "e", "f"]
    assert applied(loaded.config.A.table, {"k": 0, "z": 9}) == {"k": 1, "l": 2, "z": 9}
    assert applied(loaded.config.A.flags, {"t"}) == {"t", "u"}
    assert places(loaded.settings) == [
        ("A.names", 2, "append"),
        ("A.names", 3, "extend"),
        ("A.names", 4, "prepend"),
        ("A.names", 5, "insert"),
        ("A.names", 6, "extend"),
        ("A.table", 7, "update"),
        ("A.table", 8, "update"),
        ("A.flags", 9, "update"),
    ]


def test_what_is_added_to_stays_as_it_was(python: Any) -> None:
    config = python("c.A.table.update({'k': 1})\nc.A.names.insert(0, 'a')\n").config
    table: dict[str, int] = {}
    names: list[str] = []
    assert (applied(config.A.table, table), applied(config.A.names, names)) == ({"k": 1}, ["a"])
    assert (table, names) == ({}, [])


def test_reading_an_option_sets_nothing(python: Any) -> None:
    loaded = python("c.A.names\nc.B\nprint(c.A.other, end='')\n")
    assert loaded.config == {}
    assert loaded.settings == []


def test_what_is_deleted_again_is_not_set(python: Any) -> None:
    loaded = python("c.A.x = 1\nc.A.y = 2\ndel c.A.x\n")
    assert loaded.config == {"A": {"y": 2}}
    assert places(loaded.settings) == [("A.y", 2, "=")]


def test_whole_sections_can_be_given_as_config(python: Any) -> None:
    loaded = python(
        """
        from traitlets.config import Config
        c.A = Config(x=1)
        c.A.update(y=2)
        c.merge(Config(B=Config(z=3)))
        dict.__setitem__(c.A, "w", 4)
        """
    )
    assert loaded.config == {"A": {"x": 1, "y": 2, "w": 4}, "B": {"z": 3}}
    assert places(loaded.settings)[:3] == [("A.x", 3, "="), ("A.y", 4, "="), ("B.z", 5, "=")]
    assert loaded.settings[3].name == "A.w"


def test_a_setting_made_by_a_function_elsewhere_has_the_line_that_called_it(python: Any) -> None:
    loaded = python(
        """
        import sys
        sys.path.insert(0, __file__.rpartition("conf.py")[0])
        import other_module_of_ipshell_test
        del sys.path[0]
        other_module_of_ipshell_test.configure(c)
        """,
        other_module_of_ipshell_test="def configure(c):\n    c.A.x = 1\n",
    )
    assert loaded.errors == []
    assert places(loaded.settings) == [("A.x", 6, "=")]


def test_several_names_of_a_section_are_one(python: Any) -> None:
    loaded = python("c.TerminalIPythonApp.x = 1\nc.InteractiveShellApp.y.append(2)\nc.IPShellApp.x = 3\n")
    assert loaded.config.IPShellApp.x == 3
    assert places(loaded.settings) == [
        ("IPShellApp.x", 1, "="),
        ("IPShellApp.y", 2, "append"),
        ("IPShellApp.x", 3, "="),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("c.Clock = 5", "Clock"),
        ("c.zone = 5", "zone"),
        ("c.zone.append(5)", "zone"),
        ("c.clock.zone = 5", "clock.zone"),
        ("c.clock.names.append(5)", "clock.names"),
        ("c.Clock.zone.size = 5", "Clock.zone.size"),
        ("c.Clock.Zone = 5", "Clock.Zone"),
        ("c['Clock.zone'] = 5", "Clock.zone"),
    ],
)
def test_what_can_be_no_option_is_noted_and_kept_out(python: Any, text: str, name: str) -> None:
    loaded = python(f"\n{text}\nc.Good.x = 1\n")
    assert loaded.errors == []
    assert loaded.config == {"Good": {"x": 1}}
    wrong, good = loaded.settings
    assert (wrong.name, wrong.origin.line, wrong.placed) == (name, 2, False)
    assert good.placed


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("c.A.x = 1\nc.A.y = = 2\n", 2, "SyntaxError: invalid syntax; nothing of this file was used"),
        ("c.A.x = (\n", 1, "SyntaxError: '(' was never closed; nothing"),
        (
            "def f():\n    1 / 0\nc.A.x = 1\nf()\n",
            2,
            "ZeroDivisionError: division by zero; what stands above was used",
        ),
        ("import json\njson.loads('')\n", 2, "JSONDecodeError"),
        ("c.A.x = 1\nimport no_such_module_here\n", 2, "ModuleNotFoundError: No module named"),
        ("c.A.x = nam\n", 1, "NameError: name 'nam' is not defined"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
        ("raise ValueError\n", 1, "ValueError; what"),
        ('c["A.b"].x = 1\n', 1, "write c.A.b"),
    ],
)
def test_an_error_in_a_python_file_has_its_line(
    python: Any, tmp_path: Path, text: str, line: int, what: str
) -> None:
    [error] = python(text).errors
    assert (error.file, error.line) == (str(tmp_path / "conf.py"), line)
    assert what in error.text
    assert str(error).startswith(f"{tmp_path / 'conf.py'}:{line}: ")


def test_what_stands_above_an_error_is_used_and_the_traceback_shows_the_file_alone(python: Any) -> None:
    loaded = python("c.A.x = 1\n1 / 0\nc.A.x = 2\n")
    assert loaded.config == {"A": {"x": 1}}
    [error] = loaded.errors
    assert 'conf.py", line 2' in error.traceback
    assert "files.py" not in error.traceback
    assert "ZeroDivisionError" in error.traceback


def test_ctrl_c_stops_reading(python: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        python("raise KeyboardInterrupt")


def test_a_file_that_is_no_text_is_named_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "conf.py"
    for data, line in ((b"# one\n# two\n# three\nx = '\xff'\n", 4), (b"# gr\xfc\xdfe\nx = 1\n", 1)):
        path.write_bytes(data)
        [error] = load_file(path).errors
        assert error.line == line
        assert "is not UTF-8 text: byte 0x" in error.text


def test_a_file_may_declare_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "conf.py"
    path.write_bytes("# coding: latin-1\nc.A.x = 'größe'\n".encode("latin-1"))
    assert load_file(path).config == {"A": {"x": "größe"}}
    path.write_bytes(b"\xef\xbb\xbfc.A.x = 1\n")
    assert load_file(path).config == {"A": {"x": 1}}
    path.write_bytes(b"# coding: klingon\nc.A.x = 1\n")
    [error] = load_file(path).errors
    assert (error.line, "klingon" in error.text) == (1, True)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "conf.py").mkdir()
    [error] = load_file(tmp_path / "conf.py").errors
    assert str(error).startswith(f"{tmp_path / 'conf.py'}: cannot be read: ")


def test_the_files_of_a_configuration_do_not_inherit_our_future_imports(python: Any) -> None:
    assert python("def f(x: int): pass\nc.A.x = f.__annotations__['x']\n").config.A.x is int


# ---------------------------------------------------------------- load_subconfig


def test_a_file_can_include_others_and_override_them(python: Any, tmp_path: Path) -> None:
    (tmp_path / "profile_base").mkdir()
    written(
        tmp_path / "profile_base" / "conf.py", "c.A.x = 'base'\nc.A.y = 'base'\nload_subconfig('more.py')\n"
    )
    written(tmp_path / "profile_base" / "more.py", "c.A.z = 'more'\n")
    written(tmp_path / "side.json", '{"B": {"j":\n 1}, "zone": 3}')
    loaded = python(
        """
        load_subconfig("conf.py", profile="base")
        load_subconfig("side.json")
        load_subconfig("more.py", path="profile_base")
        c.A.y = "own"
        """
    )
    assert loaded.errors == []
    assert loaded.config == {"A": {"x": "base", "y": "own", "z": "more"}, "B": {"j": 1}}
    base = tmp_path / "profile_base"
    assert loaded.files == [
        tmp_path / "conf.py",
        base / "conf.py",
        base / "more.py",
        tmp_path / "side.json",
        base / "more.py",
    ]
    assert [(s.name, s.origin) for s in loaded.settings] == [
        ("A.x", Origin(str(base / "conf.py"), 1)),
        ("A.y", Origin(str(base / "conf.py"), 2)),
        ("A.z", Origin(str(base / "more.py"), 1)),
        ("B.j", Origin(str(tmp_path / "side.json"), 1)),
        ("zone", Origin(str(tmp_path / "side.json"), 2)),
        ("A.z", Origin(str(base / "more.py"), 1)),
        ("A.y", Origin(str(tmp_path / "conf.py"), 5)),
    ]


def test_relative_names_never_mean_the_working_directory(
    python: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    written(elsewhere / "trap.py", "c.A.x = 'trap'\n")
    monkeypatch.chdir(elsewhere)
    loaded = python("load_subconfig('trap.py')\nload_subconfig('trap.py', path='.')\n")
    assert loaded.config == {}
    assert len(loaded.errors) == 2


def test_a_missing_included_file_is_told_with_the_line_and_the_nearest_name(python: Any) -> None:
    loaded = python("c.A.x = 1\nload_subconfig('shred.py')\nc.A.y = 2\n", shared="")
    assert loaded.config == {"A": {"x": 1, "y": 2}}
    [error] = loaded.errors
    assert error.line == 2
    assert error.text.startswith("load_subconfig: there is no ")
    assert error.text.endswith("did you mean shared.py?")


def test_an_error_in_an_included_file_has_that_files_line_and_the_outer_file_goes_on(
    python: Any, tmp_path: Path
) -> None:
    loaded = python("load_subconfig('sub.py')\nc.A.y = 2\n", sub="c.A.x = 1\n1/0\n")
    assert loaded.config == {"A": {"x": 1, "y": 2}}
    [error] = loaded.errors
    assert (error.file, error.line) == (str(tmp_path / "sub.py"), 2)


def test_files_that_include_each_other_end(python: Any) -> None:
    loaded = python("load_subconfig('sub.py')\nc.A.y = 2\n", sub="load_subconfig('conf.py')\n")
    assert loaded.config == {"A": {"y": 2}}
    assert len(loaded.files) == 2
    [error] = loaded.errors
    assert "includes itself" in error.text


# ---------------------------------------------------------------- JSON


def test_json_means_the_same_as_python(from_json: Any, tmp_path: Path) -> None:
    loaded = from_json(
        """{
          "version": 1,
          "Clock": {"zone": "CET",
                    "table": {"Key": {"k": [1, "}"]}}},
          "Shell": {
            "Clock": {"zone": "UTC"}
          },
          "TerminalIPythonApp": {"exec_lines":
             ["1"]}
        }"""
    )
    assert loaded.errors == []
    assert loaded.config == {
        "Clock": {"zone": "CET", "table": {"Key": {"k": [1, "}"]}}},
        "Shell": {"Clock": {"zone": "UTC"}},
        "IPShellApp": {"exec_lines": ["1"]},
    }
    assert places(loaded.settings) == [
        ("Clock.zone", 3, "="),
        ("Clock.table", 4, "="),
        ("Shell.Clock.zone", 6, "="),
        ("IPShellApp.exec_lines", 8, "="),
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('{\n "A": {\n  "x": 1,\n }\n}', 3, "there is a comma before the closing bracket"),
        ('{\n "A": {"x": [1,\n 2,\n ]}\n}', 3, "there is a comma before the closing bracket"),
        ("{\n 'A': 1}", 2, "double quotes"),
        ('{\n // mine\n "A": {}}', 2, "comments"),
        ('{\n "A": {"x": True}}', 2, "True is written true"),
        ('{\n "A": {"x": None}}', 2, "None is written null"),
        ('{\n "A": {"x": 1', 2, "ends too early"),
        ('{\n "A" 1}', 2, "expecting ':' delimiter (column 6)"),
        ("", 1, "ends too early"),
        ("[1]", 1, "holds no sections"),
        ('{"A": {},\n "version": 2}', 2, "version 2"),
    ],
)
def test_an_error_in_a_json_file_has_its_line(from_json: Any, text: str, line: int, what: str) -> None:
    loaded = from_json(text)
    [error] = loaded.errors
    assert error.line == line
    assert what in error.text
    assert loaded.config == {}


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ('{\n"Clock": 5}', "Clock", 2),
        ('{\n"clock":\n {"zone": 1}}', "clock", 2),
        ('{\n"Clock.zone": 5}', "Clock.zone", 2),
        ('{\n"A": {"Zone": 5}}', "A.Zone", 2),
    ],
)
def test_what_can_be_no_option_is_noted_in_json_too(from_json: Any, text: str, name: str, line: int) -> None:
    loaded = from_json(text)
    assert loaded.config == {}
    [setting] = loaded.settings
    assert (setting.name, setting.origin.line, setting.placed) == (name, line, False)


def test_json_nested_beyond_reason_is_refused(from_json: Any) -> None:
    [error] = from_json('{"A": {"x": ' + "[" * 100_000 + "]" * 100_000 + "}}").errors
    assert "deep" in error.text


names = st.text(min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(names, values | st.dictionaries(names, values, max_size=4), max_size=5), st.booleans())
def test_each_json_key_is_found_on_its_line(tree: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(tree, indent=1, ensure_ascii=ascii_only)
    rows = text.split("\n")
    found = json_lines(text)
    assert {path[0] for path in found} == set(tree)
    for path, line in found.items():
        indent = " " * len(path)
        assert rows[line - 1].startswith(f"{indent}{json.dumps(path[-1], ensure_ascii=ascii_only)}:")


def test_values_in_memory_are_taken_with_the_origins_given() -> None:
    given_config = Config()
    given_config.A.x = 1
    given_config.A.names.append("n")
    loaded = load_values(given_config, lambda section, trait: Origin("", option=f"--{section}.{trait}"))
    assert [(str(s.origin), s.action) for s in loaded.settings] == [
        ("command line: --A.x", "="),
        ("command line: --A.names", "extend"),
    ]
    assert applied(loaded.config.A.names, []) == ["n"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_a_file_is_refused_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ipshell_config.py")
    (error,) = load_file(tmp_path / "ipshell_config.py").errors
    assert "is a pipe, not a file" in error.text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "c.IPShellApp.exec_lines.apend('1')",
            "IPShellApp.exec_lines has no method 'apend'; did you mean append?",
        ),
        ("c.InteractiveShell.cache_size += 5", "write c.InteractiveShell.cache_size = VALUE"),
    ],
)
def test_a_wrong_change_of_a_value_says_what_would_be_right(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "ipshell_config.py").write_text(f"{line}\n")
    (error,) = load_file(tmp_path / "ipshell_config.py").errors
    assert error.line == 1
    assert told in error.text
