#!/bin/sh
# ready-log.sh wait LOG PATTERN    ExecStartPost=
# ready-log.sh mark LOG            ExecStopPost=
#
# For a service that says in its log that it is ready: `wait` ends at the first line that matches the
# extended regular expression. Lines from before the last `mark` do not count: a restart goes on with
# the same log. tail(1) waits by inotify, and gives up with the program.
set -u
start=/run/vitest-cluster-$(basename "$2").start

case $1 in
mark)
  exec stat -c %s -- "$2" >"$start"
  ;;
wait)
  fifo=/run/vitest-cluster-$(basename "$2").fifo
  rm -f "$fifo"
  mkfifo -m 600 "$fifo" || exit 1
  read -r begin 2>/dev/null <"$start" && [ "$begin" -le "$(stat -c %s -- "$2")" ] || begin=0
  tail -c +$((begin + 1)) -f --pid="${MAINPID:-$$}" -- "$2" >"$fifo" &
  grep -q -m 1 -E -e "$3" <"$fifo"
  found=$?
  kill $! 2>/dev/null
  rm -f "$fifo"
  [ $found = 0 ] || echo "the program ended before its log had a line that matches: $3" >&2
  exit $found
  ;;
esac
