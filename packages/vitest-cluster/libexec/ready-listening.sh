#!/bin/sh
# ready-listening.sh PORT…
#
# ExecStartPost= of a service with no notification of its own: ends when a process of the session's
# uid listens on every PORT (proc(5), /proc/net/tcp: nothing connects, so no log shows the probe).
# It looks from inside the unit, every 5 ms; its bound is the unit's TimeoutStartSec=. That the
# socket is the unit's own is seen afterwards from outside (session/start.ts): here, the kernel
# shows a process in a user namespace no other's descriptors.
set -u
uid=$(id -u)

listening() { # PORT
  hex=$(printf '%04X' "$1")
  while read -r _ address _ state _ _ _ owner _; do
    [ "$state" = 0A ] && [ "${address##*:}" = "$hex" ] && [ "$owner" = "$uid" ] && return 0
  done </proc/net/tcp
  return 1
}

for port in "$@"; do
  until listening "$port"; do
    [ -d "/proc/${MAINPID:-self}" ] || { echo "the program ended before it listened on port $port" >&2; exit 1; }
    sleep 0.005
  done
done
