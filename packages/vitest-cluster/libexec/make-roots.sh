#!/bin/sh
# make-roots.sh SESSION [NAME main|own HOST COUNT [copy|empty DIRECTORY]…]…
#
# Makes a mount namespace for each root file system that is not the manager's own; in-root.sh enters it. Runs as root of
# the tree, before all services. make-root.sh explains the arguments of each root.
#   COUNT      the number of its directories
set -eu
namespaces=/run/vitest-cluster-namespaces
session=$1
shift

mkdir -p "$namespaces"
# A namespace can only be mounted on a private mount (mount_namespaces(7))
mount -t tmpfs -o mode=700 tmpfs "$namespaces"
mount --make-private "$namespaces"
while [ $# -gt 0 ]; do
  mkdir "$namespaces/$1"
  : >"$namespaces/$1/mount"
  : >"$namespaces/$1/uts"
  unshare --mount="$namespaces/$1/mount" --uts="$namespaces/$1/uts" --propagation private \
    sh "${0%/*}/make-root.sh" "$session" "$@"
  shift $((4 + 2 * $4))
done
