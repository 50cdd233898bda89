#!/bin/sh
# ready-listening.sh one|many SECONDS ADDRESS PORT…
#
# ExecStartPost= of a service without a notification: ends when a process of the unit listens on every PORT of
# ADDRESS. It does not connect, so the probe appears in no log. It runs inside the unit, until the unit's
# TimeoutStartSec= at most, which is SECONDS.
#
# If the tree has perl, ready-listening.pl asks the kernel. Without perl this script reads the tables of proc(5), which
# do not say whether a socket on [::] accepts IPv4: it is assumed to. Whether the socket belongs to the unit:
#   one   sockets of other uids do not count; apply/start.ts checks the others afterwards from outside, because
#         in a user namespace the kernel does not show the descriptors of other processes
#   many  is checked here, as root of the tree: outside, the users have other uids
set -u
. "${0%/*}/ended.sh"
uids=$1 seconds=$2 address=$3
shift 3

if command -v perl >/dev/null; then
  port=$(perl "${0%/*}/ready-listening.pl" "$seconds" "$address" "$@")
  case $? in
  0) exit 0 ;;
  3) ended "it listened on port $port" ;;
  esac
fi

case $uids in
one) uid=$(id -u) ;;
many) uid='[0-9]+' ;;
esac
# 0.0.0.0, ADDRESS, [::] and these as IPv4-mapped addresses, in the byte orders of machines
IFS=. read -r a b c d <<ADDRESS
$address
ADDRESS
big=$(printf '%02X%02X%02X%02X' "$a" "$b" "$c" "$d") little=$(printf '%02X%02X%02X%02X' "$d" "$c" "$b" "$a")
addresses="0{8}|$little|$big|0{32}|0{16}FFFF0000(0{8}|$little)|0{20}FFFF(0{8}|$big)"

rows() { # PORT
  # columns: number, local address, remote address, state (0A: LISTEN), queues, timer, retries, uid, timeout, inode
  grep -hsE "^ *[0-9]+: ($addresses):$(printf '%04X' "$1") [0-9A-F:]+ 0A [^ ]+ [^ ]+ [^ ]+ +$uid " /proc/net/tcp /proc/net/tcp6
}

own() { # ROW…
  shift 9
  group=$(grep '^0::' /proc/self/cgroup)
  for file in $(grep -lxF "$group" /proc/[0-9]*/cgroup 2>/dev/null); do
    [ -z "$(find "${file%/cgroup}/fd" -lname "socket:\[$1\]" 2>/dev/null)" ] || return 0
  done
  return 1
}

# Sets `used` to the numbers of TCP sockets in use, which are cheap to read. The tables take milliseconds, because the
# kernel walks its whole hash table of connections. So they are read only when these numbers have changed, and twice a
# second.
count_sockets() {
  used=
  for file in /proc/net/sockstat /proc/net/sockstat6; do
    [ -r "$file" ] || continue
    while read -r name _ number _; do
      case $name in TCP*) used="$used $number" ;; esac
    done <"$file"
  done
}

for port in "$@"; do
  before='' round=0
  while :; do
    count_sockets
    if [ "$used" != "$before" ] || [ $((round % 25)) = 0 ]; then
      before=$used
      found=$(rows "$port")
      [ -z "$found" ] || break
    fi
    round=$((round + 1))
    [ -d "/proc/${MAINPID:-self}" ] || ended "it listened on port $port"
    sleep 0.02
  done
  [ "$uids" = many ] || continue
  # shellcheck disable=SC2086
  own $found || { echo "port $port: address already in use by another program" >&2; exit 1; }
done
