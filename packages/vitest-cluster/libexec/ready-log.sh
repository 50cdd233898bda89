#!/bin/sh
# ready-log.sh wait LOG PATTERN    ExecStartPost=
# ready-log.sh mark LOG            ExecStopPost=
#
# For a service that is ready when its log has a certain line: `wait` ends at the first line that matches
# the extended regular expression. Lines before the last `mark` do not count, because a restarted service
# appends to the same log. tail(1) waits by inotify, and ends with the program.
set -u
. "${0%/*}/ended.sh"
start=/run/vitest-cluster-$(basename "$2").start

# A prompt has no newline, and grep(1) waits for one: the end of the log, 64 KiB at most, becomes a
# line if nothing has followed it for 50 ms.
prompts() { # LOG PATTERN FIFO
  size=-1 tried=-1
  trap 'kill $! 2>/dev/null; wait; exit' TERM
  while sleep 0.05 & wait $!; do
    before=$size
    size=$(stat -c %s -- "$1")
    [ "$size" = "$before" ] && [ "$size" != "$tried" ] && [ "$size" -gt "$begin" ] || continue
    tried=$size
    from=$((size - begin > 65536 ? size - 65536 : begin))
    line=$(tail -c +$((from + 1)) -- "$1" | tail -n 1)
    printf '%s\n' "$line" | grep -q -E -e "$2" || continue
    printf '\n%s\n' "$line" >"$3"
    return
  done
}

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
  tail=$!
  prompts "$2" "$3" "$fifo" &
  prompts=$!
  grep -q -m 1 -E -e "$3" <"$fifo"
  found=$?
  kill "$tail" "$prompts" 2>/dev/null
  # tail must not write after the FIFO is removed
  wait "$tail" "$prompts" 2>/dev/null
  rm -f "$fifo"
  [ $found = 0 ] || ended "its log had a line that matches: $3"
  ;;
esac
