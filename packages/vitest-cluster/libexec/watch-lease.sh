#!/bin/sh
# watch-lease.sh DIRECTORY CGROUP KEEPER
#
# Does the keeper's work where the keeper was killed, too. Standard input is a lease of its own: a pipe whose other end
# only the run holds. At its end it waits until the keeper, its parent, has ended as well. Then it removes what is left.
# The keeper starts it before it makes anything.
set -u
directory=$1 cgroup=$2 keeper=$3
libexec=${0%/*}
. "$libexec/kill-cgroup.sh"
trap '' HUP INT TERM PIPE

# Whoever loses its parent gets another one at once: no process number is used twice here
keeper_lives() {
  read -r _ _ _ parent _ </proc/self/stat && [ "$parent" = "$keeper" ]
}

read -r _
while keeper_lives; do
  waits=0 lacks=0
  again 1000
done

# Out of the group that is removed; the keeper has put this process into it
[ ! -d "$cgroup/lease" ] || echo 0 >"${cgroup%/*}/cgroup.procs"
# What had no name of its own yet was never used
rm -rf --one-file-system -- "${directory%/*}/.new-${directory##*/}"
if [ -e "$directory/lock" ]; then
  exec flock "$directory/lock" sh "$libexec/remove-session.sh" "$directory" "$cgroup"
fi
exec sh "$libexec/remove-session.sh" "$directory" "$cgroup"
