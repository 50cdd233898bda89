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
    """
    Does what a task does by `pip install --no-deps DIRECTORY`. pip would download setuptools to build the package; that
    of the environment of uv is as good.
    """
    directory = given.split()[-1]
    (venv,) = re.findall(r"/var/hg/venv_\w+", given)
    with tempfile.TemporaryDirectory() as work:
        # setuptools writes beside its sources
        source = shutil.copytree(directory, os.path.join(work, "source"))
        subprocess.check_call(
            ["/opt/uv/bin/pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", work, source]
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
    subprocess.check_call(
        [
            *["/usr/bin/python3", "-m", "compileall", "-q", "--invalidation-mode", "checked-hash"],
            *[os.path.join(VCT, name) for name in ("hgext", "hghooks", "hgserver/hgmolib", "hgwsgi", "pylib")],
        ],
        stdout=subprocess.DEVNULL,
    )
