#!/bin/sh
# ready-listening.sh one|many PORT…
#
# ExecStartPost= of a service with no notification of its own: ends when a process of the session
# listens on every PORT (proc(5), /proc/net/tcp: nothing connects, so no log shows the probe). It
# looks from inside the unit, every 10 ms; its bound is the unit's TimeoutStartSec=. That the socket
# is the unit's own and no stranger's:
#   one   sockets of other uids do not count, the rest is seen afterwards from outside
#         (apply/start.ts): here, the kernel shows a process in a user namespace no other's descriptors
#   many  is seen here, as root of the tree: from outside, its users are others
set -u
. "${0%/*}/ended.sh"
uids=$1
shift
case $uids in
one) uid=$(id -u) ;;
many) uid='[0-9]+' ;;
esac

own() { # INODE
  group=$(grep '^0::' /proc/self/cgroup)
  for file in $(grep -lxF "$group" /proc/[0-9]*/cgroup 2>/dev/null); do
    [ -z "$(find "${file%/cgroup}/fd" -lname "socket:\[$1\]" 2>/dev/null)" ] || return 0
  done
  return 1
}

for port in "$@"; do
  # columns: number, local address, remote address, state (0A: LISTEN), queues, timer, retries, uid, timeout, inode
  row="^ *[0-9]+: [0-9A-F]+:$(printf '%04X' "$port") [0-9A-F:]+ 0A [^ ]+ [^ ]+ [^ ]+ +$uid "
  until found=$(grep -E "$row" /proc/net/tcp); do
    [ -d "/proc/${MAINPID:-self}" ] || ended "it listened on port $port"
    sleep 0.01
  done
  [ "$uids" = many ] || continue
  own "$(echo "$found" | awk 'NR == 1 { print $10 }')" || { echo "port $port: address already in use by another program" >&2; exit 1; }
done
