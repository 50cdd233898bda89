"""Python packages of the checkout in virtual environments."""

import glob
import os
import re
import shutil
import subprocess
import tempfile

from debian import VCT


def into(names):
    """Returns the tasks that install packages of the checkout into virtual environments, by their name."""
    return {f"install {package} into {venv} virtualenv": install for package, venv in names}


def install(given):
    """Does what a task does by `pip install --no-deps DIRECTORY`, for which pip would download setuptools and wheel."""
    directory = given.split()[-1]
    (venv,) = re.findall(r"/var/hg/venv_\w+", given)
    with tempfile.TemporaryDirectory() as work:
        # setuptools writes beside its sources
        source = shutil.copytree(directory, os.path.join(work, "source"))
        subprocess.check_call(
            ["/usr/bin/python3", "setup.py", "--quiet", "bdist_wheel", "--dist-dir", work], cwd=source
        )
        (wheel,) = glob.glob(f"{work}/*.whl")
        subprocess.check_call(
            [
                *["/opt/uv/bin/uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--reinstall"],
                *["--link-mode=copy", "--compile-bytecode", "--cache-dir", f"{work}/cache", "--python", venv, wheel],
            ]
        )


def compile_checkout():
    """Python would compile the extensions and hooks again in each process of a session, which cannot keep the result."""
    packages = [f"pylib/{name}" for name in ("mozautomation", "mozhg", "vcsreplicator")]
    paths = [os.path.join(VCT, name) for name in ("hgext", "hghooks", "hgserver/hgmolib", "hgwsgi", *packages)]
    # Its exit status is 1 if a test has a syntax error on purpose
    subprocess.call(
        ["/usr/bin/python3", "-m", "compileall", "-qq", "--invalidation-mode", "checked-hash", *paths]
    )
