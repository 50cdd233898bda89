# ended WHAT
#
# For scripts that wait until a service is ready: prints that its program ended before that, and the
# processes that it left in the unit's control group, as a daemon does that goes to the background.
# apply/failure.ts parses these lines.
ended() {
  echo "the program ended before $1" >&2
  group=$(grep '^0::' /proc/self/cgroup)
  for file in $(grep -lxF "$group" /proc/[0-9]*/cgroup 2>/dev/null); do
    pid=${file#/proc/}
    pid=${pid%/cgroup}
    case $pid in "$$" | "${MAINPID:-}") continue ;; esac
    read -r name 2>/dev/null <"/proc/$pid/comm" || continue
    echo "its process $pid ($name) runs in the background" >&2
  done
  exit 1
}
