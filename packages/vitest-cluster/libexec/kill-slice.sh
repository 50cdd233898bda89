#!/bin/sh
# kill-slice.sh SLICE
#
# ExecStopPost= of the lease under the user's own manager: kills what runs in the session's slice, at
# once and whole (cgroup.kill, cgroups(7)), before systemd stops the emptied units. The slice stands
# beside or above the lease's own slice.
set -u
own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
while [ "$own" != /sys/fs/cgroup ] && [ "$own" != / ]; do
  own=$(dirname "$own")
  if [ -w "$own/$1/cgroup.kill" ]; then
    echo 1 >"$own/$1/cgroup.kill"
    exit 0
  fi
done
exit 0
