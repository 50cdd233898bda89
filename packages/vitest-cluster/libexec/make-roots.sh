#!/bin/sh
# make-roots.sh SESSION [NAME main|own HOST COUNT [copy|empty DIRECTORY]…]…
#
# Makes a mount namespace for each root file system that is not the manager's own; in-root.sh enters it. Runs as root of
# the tree, before all services, and ends when all are made. make-root.sh explains the arguments of each root.
#   COUNT      the number of its directories
set -eu
session=$1
shift

mkdir -p -m 700 /run/vitest-cluster-namespaces
while [ $# -gt 0 ]; do
  # Waits until the process closes the pipe. It stays, and its namespaces with it: Linux 6.18 refuses at random to mount a
  # namespace, since numbers of namespaces no longer increase (fs/namespace.c, mnt_ns_loop)
  [ "$(unshare --mount --uts --propagation private sh "${0%/*}/make-root.sh" "$session" "$@" &)" = made ] || exit 1
  shift $((4 + 2 * $4))
done
