#!/bin/sh
# in-root.sh NAME SYSLOG UID GID GROUPS DIRECTORY PROGRAM…
#
# Enters a root file system of make-roots.sh, as an account, and becomes PROGRAM, with the same process number. Runs as
# root of the tree.
#   SYSLOG  the directory of the socket that /dev/log leads to (with-syslog.sh), or empty
#   GROUPS  further numbers with commas between, or empty
set -eu
namespaces=/run/vitest-cluster-namespaces/$1 syslog=$2 uid=$3 gid=$4 groups=$5
shift 5
# shellcheck disable=SC2016
set -- /bin/sh -c 'cd "$0" 2>/dev/null || exit 200; exec "$@"' "$@"
# By their paths: PATH is the service's
if [ -n "$syslog" ]; then
  set -- /bin/sh "${0%/*}/with-syslog.sh" "$syslog" "$uid" "$gid" "$groups" "$@"
elif [ -n "$groups" ]; then
  set -- /usr/bin/setpriv --reuid="$uid" --regid="$gid" --groups="$groups" -- "$@"
else
  set -- /usr/bin/setpriv --reuid="$uid" --regid="$gid" --clear-groups -- "$@"
fi
exec /usr/bin/nsenter --mount="$namespaces/mnt" --uts="$namespaces/uts" -- "$@"
