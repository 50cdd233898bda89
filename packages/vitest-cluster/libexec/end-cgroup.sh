#!/bin/sh
# end-cgroup.sh CGROUP
#
# Kills all that runs in a control group, and removes it with those below it.
set -u
kill_all() {
  if [ -w "$1/cgroup.kill" ]; then
    echo 1 >"$1/cgroup.kill"
  else # kernels before 5.14
    # process numbers only: nothing to quote
    # shellcheck disable=SC2038
    find "$1" -name cgroup.procs -exec cat {} + | xargs -r kill -KILL
  fi
} 2>/dev/null

tries=0
# bounded: the kernel tells nobody when the last process has been reaped and the group can go
while [ -d "$1" ] && [ $tries -lt 500 ]; do
  kill_all "$1"
  find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
  tries=$((tries + 1))
  [ ! -d "$1" ] || sleep 0.01
done
