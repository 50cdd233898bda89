"""Runs the tasks of roles: the modules that they use, and nothing else."""

import base64
import os
import shlex
import subprocess

import accounts
import paths
from arguments import arguments, command
from templates import Templates

# What a task may have besides its module
KEYWORDS = {"name", "when", "tags", "notify", "register", "with_items", "ignore_errors", "failed_when", "args"}
# Modules that are not run, and why
LEFT_OUT = {
    "yum": "the base has the packages",
    "get_url": "a layer downloads it",
    "unarchive": "a layer unpacks it",
    "cron": "no cron runs in the Docker containers either",
    "service": "services of the session",
}


class Play:
    """Runs roles. `instead` has functions for tasks by their name, or None for those that do not run."""

    def __init__(self, ansible, instead):
        self.ansible = ansible
        self.instead = instead
        self.reached = set()

    def run(self, roles):
        for role in roles:
            templates = Templates(os.path.join(role.directory, "templates"), role.variables)
            if all(templates.condition(text, {}) for text in role.conditions):
                for task in role.tasks:
                    self.task(role, templates, task)
        missing = self.instead.keys() - self.reached
        if missing:
            raise SystemExit(f"the checkout has no such tasks any more: {', '.join(sorted(missing))}")

    def task(self, role, templates, task):
        conditions = task.get("when", [])
        for text in conditions if isinstance(conditions, list) else [conditions]:
            if not templates.condition(text, {}):
                return
        name = task.get("name")
        if name in self.instead:
            self.reached.add(name)
        (module,) = task.keys() - KEYWORDS
        try:
            for item in templates.value(task.get("with_items", [None]), {}):
                result = self.call(role, templates, {"name": name, "module": module, "given": task[module]}, item)
                if "register" in task:
                    role.variables[task["register"]] = result
        except Exception as error:
            raise SystemExit(f"{role.name}: {name}: {type(error).__name__}: {error}") from error

    def call(self, role, templates, task, item):
        extra = {} if item is None else {"item": item}
        module, given = task["module"], task["given"]
        if task["name"] in self.instead:
            instead = self.instead[task["name"]]
            return instead and instead(templates.value(given, extra))
        if module in LEFT_OUT:
            return None
        if module == "command":
            return run(templates.value(given, extra))
        values = templates.value(arguments(given), extra)
        if module == "copy":
            return self.copy(role, values)
        if module == "template":
            src = values.pop("src")
            return paths.write(content=templates.file(src, extra), **values)
        return MODULES[module](**values)

    def copy(self, role, values):
        """A file of the role or of the playbook, or content."""
        dest, content, src = values.pop("dest"), values.pop("content", None), values.pop("src", None)
        if content is None:
            places = [os.path.join(role.directory, "files"), role.directory, self.ansible]
            path = next(path for path in (os.path.join(place, src) for place in places) if os.path.exists(path))
            with open(path, "rb") as file:
                content = file.read()
        paths.write(dest, content, **values)


def run(given):
    text, creates = command(given)
    if not (creates and os.path.exists(creates)):
        subprocess.check_call(shlex.split(text), stdout=subprocess.DEVNULL)


def stat(path):
    return {"stat": {"exists": os.path.exists(path)}}


def slurp(src):
    with open(src, "rb") as file:
        return {"content": base64.b64encode(file.read()).decode()}


MODULES = {
    "authorized_key": accounts.authorized_key,
    "file": paths.file,
    "group": accounts.group,
    "ini_file": paths.ini_file,
    "replace": paths.replace,
    "slurp": slurp,
    "stat": stat,
    "user": accounts.user,
}
