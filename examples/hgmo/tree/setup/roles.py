"""The roles of a playbook: in the order in which Ansible runs them, with their variables."""

import os

import yaml


class Role:
    """A role with the variables that its tasks see."""

    def __init__(self, name, directory, variables, conditions):
        self.name = name
        self.directory = directory
        self.variables = variables
        self.conditions = conditions
        self.tasks = read(directory, "tasks/main.yml") or []


def read(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8") as file:
            return yaml.safe_load(file)
    except FileNotFoundError:
        return None


def roles(ansible, playbook, facts, changes):
    """
    Returns the roles of a playbook with the roles that they depend on. Later variables win: facts, those of all hosts,
    of the play, of roles, and parameters. `changes` has `(old, new)` by the name of a variable of the play or a parameter.
    """
    (play,) = read(ansible, playbook)
    changed = Changed(changes)
    below = {**facts, **read(ansible, "group_vars/all"), **changed.of(play["vars"])}
    found = []
    for name in play["roles"]:
        chain = {"below": below, "defaults": {}, "vars": {}, "parameters": {}, "when": []}
        add(found, {"ansible": ansible, "changed": changed}, name, chain)
    changed.check()
    return found


class Changed:
    """Parameters with other values than in the checkout, which must still have the values that they replace."""

    def __init__(self, changes):
        self.changes = changes
        self.used = set()

    def of(self, variables):
        result = dict(variables)
        for name, (old, new) in self.changes.items():
            if name in result and result[name] == old:
                result[name] = new
                self.used.add(name)
        return result

    def check(self):
        for name in self.changes.keys() - self.used:
            raise SystemExit(f"no role has {name} with the value {self.changes[name][0]!r} any more")


RESERVED = {"role", "when", "tags"}


def add(found, play, given, chain):
    entry = given if isinstance(given, dict) else {"role": given}
    name = entry["role"]
    if any(role.name == name for role in found):
        return
    directory = os.path.join(play["ansible"], "roles", name)
    own = play["changed"].of({key: value for key, value in entry.items() if key not in RESERVED})
    inherited = {
        "below": chain["below"],
        "defaults": {**chain["defaults"], **(read(directory, "defaults/main.yml") or {})},
        "vars": {**chain["vars"], **(read(directory, "vars/main.yml") or {})},
        "parameters": {**chain["parameters"], **own},
        "when": [*chain["when"], *([entry["when"]] if "when" in entry else [])],
    }
    for dependency in (read(directory, "meta/main.yml") or {}).get("dependencies", []):
        add(found, play, dependency, inherited)
    variables = {**inherited["defaults"], **inherited["below"], **inherited["vars"], **inherited["parameters"]}
    found.append(Role(name, directory, variables, inherited["when"]))
