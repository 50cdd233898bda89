"""Ansible's templates: variables that refer to other variables, and the filters that the roles use."""

import base64
import os

import jinja2
import jinja2.runtime


class Variables(jinja2.runtime.Context):
    """Renders a variable when a template reads it: some of the roles' refer to what only a real host has."""

    def resolve_or_missing(self, key):
        value = super().resolve_or_missing(key)
        if isinstance(value, str) and ("{{" in value or "{%" in value):
            return self.environment.from_string(value).render(self.get_all())
        return value


def mandatory(value):
    if isinstance(value, jinja2.Undefined):
        raise jinja2.UndefinedError("a mandatory variable is not defined")
    return value


class Templates:
    """Renders the templates of one role."""

    def __init__(self, directory, variables):
        self.variables = variables
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(directory),
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
        )
        self.environment.context_class = Variables
        self.environment.filters.update(
            mandatory=mandatory,
            basename=os.path.basename,
            b64decode=lambda text: base64.b64decode(text).decode(),
            ternary=lambda value, yes, no: yes if value else no,
        )

    def file(self, name, extra):
        return self.environment.get_template(name).render(self.variables, **extra)

    def value(self, value, extra):
        """Renders the texts of a task's arguments or items."""
        if isinstance(value, str):
            return self.environment.from_string(value).render(self.variables, **extra)
        if isinstance(value, dict):
            return {key: self.value(each, extra) for key, each in value.items()}
        if isinstance(value, list):
            return [self.value(each, extra) for each in value]
        return value

    def condition(self, text, extra):
        return bool(self.environment.compile_expression(str(text))(self.variables, **extra))
