# shellcheck shell=sh
# kill-cgroup.sh: read by other scripts with `.`
#
# Ends processes even if no new process can be started: uses only commands of the shell, which do not fork.
# Commands that need programs are run by `try`, and can be repeated.

# kill_cgroup CGROUP: kills all processes in a control group and those below it (cgroups(7), cgroup.kill)
kill_cgroup() {
  { echo 1 >"$1/cgroup.kill"; } 2>/dev/null && return
  # kernels before 5.14
  while read -r pid; do kill -KILL "$pid"; done 2>/dev/null <"$1/cgroup.procs"
  for below in "$1"/*/; do [ ! -d "$below" ] || kill_cgroup "${below%/}"; done
}

# end_cgroup CGROUP: the same, and removes the groups. Fails as long as the group exists
end_cgroup() {
  [ -d "$1" ] || return 0
  kill_cgroup "$1"
  find "$1" -depth -type d -delete
  [ ! -d "$1" ]
}

# try COMMAND: runs a command by eval. dash(1) exits if it cannot fork; under `command` it returns 2 instead
try() {
  command eval "$1" 2>/dev/null
}

# again LACKS: whether to try again. Waits a hundredth of a second, 500 times at most: the kernel does not report when
# the last process has been reaped and a group can be removed. If no process can be started to wait with: LACKS times
waits=0 lacks=0
again() {
  if try 'sleep 0.01'; then
    waits=$((waits + 1))
  else
    lacks=$((lacks + 1)) count=0
    while [ $count -lt 5000 ]; do count=$((count + 1)); done
  fi
  [ $waits -lt 500 ] && [ $lacks -lt "$1" ]
}
