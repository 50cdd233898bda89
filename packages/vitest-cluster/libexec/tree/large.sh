#!/bin/sh
# large.sh PATH…
#
# Prints the digests of large files as `sha256sum --zero` does. Where the host has perl(1) they leave out what is zero
# (large.pl); else all of a file is read, its holes too.
set -eu
if command -v perl >/dev/null; then exec perl "${0%.sh}.pl" "$@"; fi
exec sha256sum --zero -- "$@"
