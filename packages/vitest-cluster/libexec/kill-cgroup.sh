# shellcheck shell=sh
# kill-cgroup.sh: read by other scripts with `.`
#
# What ends processes where there may be no process left to have: only the shell's own commands, which fork nothing.
# What needs programs is asked for by `try`, and can be asked for again.

# kill_cgroup CGROUP: kills all that runs in a control group and in those below it (cgroups(7), cgroup.kill)
kill_cgroup() {
  { echo 1 >"$1/cgroup.kill"; } 2>/dev/null && return
  # kernels before 5.14
  while read -r pid; do kill -KILL "$pid"; done 2>/dev/null <"$1/cgroup.procs"
  for below in "$1"/*/; do [ ! -d "$below" ] || kill_cgroup "${below%/}"; done
}

# end_cgroup CGROUP: the same, and removes it with those below it. Fails as long as it is there
end_cgroup() {
  [ -d "$1" ] || return 0
  kill_cgroup "$1"
  find "$1" -depth -type d -delete
  [ ! -d "$1" ]
}

# try COMMAND: runs a command by eval. A shell that cannot fork ends (dash(1)), but not below `command`: then it is 2
try() {
  command eval "$1" 2>/dev/null
}

# again LACKS: whether to try again. It waits a hundredth of a second, 500 times at most: the kernel tells nobody when
# the last process has been reaped and a group can go. Where no process can be had to wait with, LACKS times
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
