#!/bin/sh
# in-root.sh NAME UID GID GROUPS DIRECTORY PROGRAM…
#
# Enters a root file system of make-roots.sh, as an account, and becomes PROGRAM, with the same process number. Runs as
# root of the tree.
#   GROUPS  further numbers with commas between, or -
set -eu
namespaces=/run/vitest-cluster-namespaces/$1 uid=$2 gid=$3 groups=$4
shift 4
case $groups in -) groups=--clear-groups ;; *) groups=--groups=$groups ;; esac
# PATH is the service's
# shellcheck disable=SC2016
exec /usr/bin/nsenter --mount="$namespaces/mnt" --uts="$namespaces/uts" -- \
  /usr/bin/setpriv --reuid="$uid" --regid="$gid" "$groups" -- /bin/sh -c 'cd "$0" 2>/dev/null || exit 200; exec "$@"' "$@"
