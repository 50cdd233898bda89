#!/bin/sh
# watch-lease.sh DIRECTORY CGROUP KEEPER
#
# Does the keeper's work if the keeper is killed, too. Standard input is a second lease: a pipe whose other end only the
# run holds. At its end of file it waits until the keeper, its parent, has ended as well. Then it removes the session.
# The keeper starts it before it creates anything.
set -u
directory=$1 cgroup=$2 keeper=$3
libexec=${0%/*}
. "$libexec/kill-cgroup.sh"
trap '' HUP INT TERM PIPE

# Safe from reused process numbers: when the keeper ends, this process gets another parent at once
keeper_lives() {
  read -r _ _ _ parent _ </proc/self/stat && [ "$parent" = "$keeper" ]
}

read -r _
while keeper_lives; do
  waits=0 lacks=0
  again 1000
done

# Leave the group that will be removed, into which the keeper has moved this process
[ ! -d "$cgroup/lease" ] || echo 0 >"${cgroup%/*}/cgroup.procs"
# A session under its first name was never used
rm -rf --one-file-system -- "${directory%/*}/.new-${directory##*/}"
if [ -e "$directory/lock" ]; then
  exec flock "$directory/lock" sh "$libexec/remove-session.sh" "$directory" "$cgroup"
fi
exec sh "$libexec/remove-session.sh" "$directory" "$cgroup"
