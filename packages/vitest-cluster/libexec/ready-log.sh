#!/bin/sh
# ready-log.sh LOG PATTERN
#
# ExecStartPost= of a service that says in its log that it is ready: ends at the first line that
# matches the extended regular expression. tail(1) waits by inotify, and gives up with the program.
set -u
fifo=/tmp/.ready-$$
mkfifo -m 600 "$fifo" || exit 1
tail -n +1 -f --pid="${MAINPID:-$$}" -- "$1" >"$fifo" &
grep -q -m 1 -E -e "$2" <"$fifo"
found=$?
kill $! 2>/dev/null
rm -f "$fifo"
[ $found = 0 ] || echo "the program ended before its log had a line that matches: $2" >&2
exit $found
