"""The providers of keys, arguments and literals keep to the contract."""

from __future__ import annotations

from ipcore.testing.contracts.completers import CompletionProviderContract


class Ours(CompletionProviderContract):
    distribution = "ipcompleters"


class TestKeys(Ours):
    plugin = "ipcompleters.plugin:keys"
    key = "keys"
    setup = "table = {'apple': 1, b'raw': 2, 12: 3, (1, 'two'): 4, 'nested': {'bee': 5}}"
    examples = {
        "table['ap": "apple",
        'x = table["nes': "nested",
        "table[": "'apple'",
        "table[b'": "raw",
        "table[1": "12",
        "table[1, '": "two",
        "table['nested']['": "bee",
    }
    silent = ("table", "table.", "table[f'ap", "table['ap' + '", "nothing['", "'table['", "# table['", "")


class TestArguments(Ours):
    plugin = "ipcompleters.plugin:arguments"
    key = "arguments"
    setup = "def function(apple, bee=1, *, cat): ...\n"
    examples = {
        "function(": "apple=",
        "function(1, b": "bee=",
        "x = [function(1, 2, ": "cat=",
        "print(end='', s": "sep=",
        "sorted(x, r": "reverse=",
    }
    silent = ("function", "function.", "function('", "function(apple=", "nothing(", "# function(", "(", "")


class TestLiterals(Ours):
    plugin = "ipcompleters.plugin:literals"
    key = "literals"
    setup = (
        "from __future__ import annotations\n"
        "from typing import Literal\n"
        "from enum import Enum\n"
        "class Colour(Enum):\n"
        "    RED = 1\n"
        "def function(mode: Literal['read', 'write'], colour: Colour = Colour.RED): ...\n"
    )
    examples = {
        "function('": "read",
        "x = function(mode='w": "write",
        "function(": "'read'",
        "function('read', ": "Colour.RED",
        "y: Literal['one', 'two'] = '": "one",
        "colour: Colour = ": "Colour.RED",
    }
    silent = ("function", "function.", "function('x' + '", "print('", "# function('", "function(mode='x", "")
