"""Changes of text that the checkout or Debian must have."""

import os


def patch(path, *changes):
    """Replaces texts of a file. Each must be there once, or the tree would silently differ from the Docker cluster."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for old, new in changes:
        if text.count(old) != 1:
            raise SystemExit(f"{path} has {old!r} {text.count(old)} times, expected once")
        text = text.replace(old, new)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def link(path, target):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)
