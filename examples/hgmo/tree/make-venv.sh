#!/bin/sh -e
# make-venv VENV COMMAND…
#
# Makes a virtual environment by COMMAND, and installs what VENV.txt locks by hashes.
venv=$1
shift
"$@" "$venv"
uv pip install --require-hashes --python "$venv" --requirement "$venv.txt"
mv "$venv.txt" "$venv/requirements.txt"
