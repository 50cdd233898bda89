#!/bin/sh
# ready-exec.sh COMMAND…
#
# ExecStartPost= of a service whose readiness another program can check: ends at COMMAND's first
# success. COMMAND runs inside the unit, until the unit's TimeoutStartSec= at most.
set -u
. "${0%/*}/ended.sh"
until "$@" >/dev/null 2>&1; do
  [ -d "/proc/${MAINPID:-self}" ] || ended "'$*' succeeded"
  sleep 0.02
done
