#!/bin/sh
# watch-lease.sh DIRECTORY CGROUP
#
# Does the keeper's work where the keeper was killed, too: waits for the end of the lease, as the keeper does, and then
# for the keeper's lock. It is in a group below the session's, so that the keeper, if it lives, ends it with the rest.
set -u
directory=$1 cgroup=$2
trap '' HUP INT TERM PIPE
echo 0 >"$cgroup/lease/cgroup.procs" || exit

# Opening the FIFO for both first never blocks, not even where the run has died already
exec 3<>"$directory/lease" 4<"$directory/lease" 3>&-
read -r _ <&4
exec 4<&-
# shellcheck disable=SC2016
exec flock "$directory/lock" sh -c '
  # Out of the group that is killed first
  echo 0 >"${3%/*}/cgroup.procs"
  exec sh "$1" "$2" "$3"' sh "${0%/*}/remove-session.sh" "$directory" "$cgroup"
