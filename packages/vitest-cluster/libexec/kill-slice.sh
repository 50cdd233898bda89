#!/bin/sh
# kill-slice.sh SLICE
#
# ExecStopPost= of the lease under the user's own manager: kills all processes in the session's slice
# at once (cgroup.kill, cgroups(7)), before systemd stops the empty units. The slice is next to the
# lease's own slice, or next to one above it.
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
