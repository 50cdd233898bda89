#!/bin/sh
# own.sh [OWNER:GROUP DIRECTORY]…
#
# Gives each directory to its owner; those of services with all that is in them, below /srv. An empty
# GROUP is the owner's login group. What the tree shows of the host is mounted read-only.
set -eu
while [ $# -gt 0 ]; do
  case $2 in
  /srv/*) chown -R --no-dereference "$1" -- "$2" ;;
  *) chown --no-dereference "$1" -- "$2" ;;
  esac
  shift 2
done
