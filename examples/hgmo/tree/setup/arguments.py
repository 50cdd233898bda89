"""The arguments of a task: a mapping, or Ansible's `key=value key='other value'`."""

import re

# A value may have blanks in an expression or in quotes
PAIR = re.compile(r"""(\w+)=((?:\{\{.*?\}\}|"(?:[^"\\]|\\.)*"|'[^']*'|\S)*)""")


def arguments(given):
    """Returns the arguments by their name."""
    if isinstance(given, dict):
        return dict(given)
    return {name: unquoted(value) for name, value in PAIR.findall(given)}


def unquoted(value):
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def command(given):
    """Returns the words of a command, which is text, and its `creates`."""
    found = re.search(r"\screates=(\S+)", given)
    return given[: found.start()] if found else given, found and found.group(1)


def mode(given):
    """Returns the bits of a mode: a number of YAML, or octal digits."""
    return given if isinstance(given, int) else int(given, 8)
