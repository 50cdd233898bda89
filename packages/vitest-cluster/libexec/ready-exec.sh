#!/bin/sh
# ready-exec.sh COMMAND…
#
# ExecStartPost= of a service that another program can ask whether it is ready: ends at COMMAND's
# first success. It asks from inside the unit; its bound is the unit's TimeoutStartSec=.
set -u
. "${0%/*}/ended.sh"
until "$@" >/dev/null 2>&1; do
  [ -d "/proc/${MAINPID:-self}" ] || ended "'$*' succeeded"
  sleep 0.02
done
