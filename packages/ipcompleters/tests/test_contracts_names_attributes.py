"""The providers of names and attributes keep to the contract of completion providers."""

from __future__ import annotations

from ipcore.testing.contracts import CompletionProviderContract


class TestNames(CompletionProviderContract):
    plugin = "ipcompleters.plugin:names"
    key = "names"
    distribution = "ipcompleters"
    examples = {
        "pri": "print",
        "x = sor": "sorted",
        "impor": "import",
        "kitten = 1; kit": "kitten",
        "for kitten in range(3):\n    kit": "kitten",
        "f'{pri": "print",
        "%timeit pri": "print",
    }
    silent = (
        "def pri",
        "class pri",
        "import os as pri",
        "'pri",
        "# pri",
        "os.pri",
        "!pri",
        "x = impor",
        "for pri",
        "0x",
        "\\pri",
        "%%writefile a\npri",
    )


class TestAttributes(CompletionProviderContract):
    plugin = "ipcompleters.plugin:attributes"
    key = "attributes"
    distribution = "ipcompleters"
    setup = "import os"
    examples = {
        "os.pa": "path",
        "x = 1 + os.path.joi": "join",
        "'abc'.up": "upper",
        "[1].ap": "append",
        "f'{os.pa": "path",
        "%timeit -n 3 os.pa": "path",
        "os._ex": "_exit",
        "word = 'a'; word.casef": "casefold",
    }
    silent = (
        "os",
        "nobody.",
        "1.",
        "'os.pa",
        "# os.pa",
        "!os.pa",
        "import os.pa",
        "os.path.nothing.x",
        ".pa",
        "os..pa",
    )
