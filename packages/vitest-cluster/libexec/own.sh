#!/bin/sh
# own.sh [OWNER:GROUP DIRECTORY]…
#
# Gives each directory to its owner; those of services, below /srv, with their contents. An empty
# GROUP is the owner's login group. Paths of the host in the tree are mounted read-only.
set -eu
while [ $# -gt 0 ]; do
  case $2 in
  /srv/*) chown -R --no-dereference "$1" -- "$2" ;;
  *) chown --no-dereference "$1" -- "$2" ;;
  esac
  shift 2
done
