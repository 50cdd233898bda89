#!/bin/sh
# end-cgroup.sh CGROUP
#
# Kills all that runs in a control group, and removes it with those below it.
set -u
group=$1
. "${0%/*}/kill-cgroup.sh"

tries=0
# bounded: the kernel tells nobody when the last process has been reaped and the group can go
while [ -d "$group" ] && [ $tries -lt 500 ]; do
  kill_cgroup "$group"
  # shellcheck disable=SC2016
  try 'find "$group" -depth -type d -delete'
  tries=$((tries + 1))
  [ ! -d "$group" ] || pause
done
