#!/bin/sh
# large.sh PATH…
#
# Prints the digests of large files in the format of `sha256sum --zero`. If the host has perl(1), zeros are skipped
# (large.pl); otherwise whole files are read, with their holes.
set -eu
if command -v perl >/dev/null; then exec perl "${0%.sh}.pl" "$@"; fi
exec sha256sum --zero -- "$@"
