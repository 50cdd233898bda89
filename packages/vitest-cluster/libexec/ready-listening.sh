#!/bin/sh
# ready-listening.sh PORT…
#
# ExecStartPost= of a service with no notification of its own: ends when a process of the session's
# uid listens on every PORT (proc(5), /proc/net/tcp: nothing connects, so no log shows the probe).
# It looks from inside the unit, every 10 ms; its bound is the unit's TimeoutStartSec=. That the
# socket is the unit's own is seen afterwards from outside (session/start.ts): here, the kernel
# shows a process in a user namespace no other's descriptors.
set -u
uid=$(id -u)

for port in "$@"; do
  # columns: number, local address, remote address, state (0A: LISTEN), queues, timer, retries, uid
  row="^ *[0-9]+: [0-9A-F]+:$(printf '%04X' "$port") [0-9A-F:]+ 0A [^ ]+ [^ ]+ [^ ]+ +$uid "
  until grep -qE "$row" /proc/net/tcp; do
    [ -d "/proc/${MAINPID:-self}" ] || { echo "the program ended before it listened on port $port" >&2; exit 1; }
    sleep 0.01
  done
done
