"""Ansible's modules for files: file, copy, replace and ini_file."""

import os
import re
import shutil

from arguments import mode as bits


def attributes(path, owner=None, group=None, mode=None):
    if owner or group:
        shutil.chown(path, owner, group)
    if mode is not None:
        os.chmod(path, bits(mode))


def file(path=None, dest=None, src=None, state="file", recurse=False, **given):
    path = path or dest
    if state == "directory":
        directory(path, given)
    elif state == "link":
        if os.path.islink(path):
            os.unlink(path)
        os.symlink(src, path)
    elif state == "touch":
        open(path, "ab").close()
        attributes(path, **given)
    elif state == "file":
        attributes(path, **given)
    else:
        raise SystemExit(f"file: the state {state} of {path} is unknown")
    if recurse in (True, "yes"):
        for parent, directories, files in os.walk(path):
            for name in [*directories, *files]:
                if not os.path.islink(os.path.join(parent, name)):
                    attributes(os.path.join(parent, name), **given)


def directory(path, given):
    """Each directory that is missing gets the attributes, as with Ansible."""
    if not os.path.isdir(path):
        if os.path.dirname(path) != path:
            parent = os.path.dirname(path)
            if not os.path.isdir(parent):
                directory(parent, given)
        os.mkdir(path)
    attributes(path, **given)


def write(dest, content, **given):
    data = content if isinstance(content, bytes) else content.encode()
    if os.path.exists(dest):
        # Keeps its mode
        with open(dest, "wb") as target:
            target.write(data)
    else:
        with open(dest, "xb") as target:
            target.write(data)
    attributes(dest, **given)


def text(path):
    with open(path, encoding="utf-8") as source:
        return source.read()


def replace(regexp, replace, path=None, dest=None):
    path = path or dest
    write(path, re.sub(regexp, replace, text(path), flags=re.MULTILINE))


def ini_file(section, option, value, path=None, dest=None):
    path = path or dest
    lines = text(path).splitlines()
    line = f"{option} = {value}"
    start = next((at for at, each in enumerate(lines) if each.startswith(f"[{section}]")), None)
    if start is None:
        lines += [f"[{section}]", line]
    else:
        end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("[")), len(lines))
        option_line = re.compile(rf"[#;]?[ \t]*{re.escape(option)}[ \t]*(=|$)")
        at = next((at for at in range(start + 1, end) if option_line.match(lines[at])), None)
        if at is not None:
            lines[at] = line
        else:
            # After the last option of the section
            while re.match(r"[ \t]*([#;].*)?$", lines[end - 1]):
                end -= 1
            lines.insert(end, line)
    write(path, "\n".join(lines) + "\n")
