#!/bin/sh
# own.sh [OWNER:GROUP DIRECTORY]…
#
# Gives each directory and what is in it to its owner. An empty GROUP is the owner's login group.
set -eu
while [ $# -gt 0 ]; do
  chown -R --no-dereference "$1" -- "$2"
  shift 2
done
