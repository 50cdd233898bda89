# shellcheck shell=sh
# kill-cgroup.sh: read by other scripts with `.`
#
# What ends processes where there may be no process left to have: only the shell's own commands, which fork nothing.
# After it comes what needs programs: `try` asks for them, and can be asked again.

# kill_cgroup CGROUP: kills all that runs in a control group and in those below it (cgroups(7), cgroup.kill)
kill_cgroup() {
  { echo 1 >"$1/cgroup.kill"; } 2>/dev/null && return
  # kernels before 5.14
  while read -r pid; do kill -KILL "$pid"; done 2>/dev/null <"$1/cgroup.procs"
  for below in "$1"/*/; do [ ! -d "$below" ] || kill_cgroup "${below%/}"; done
}

# try COMMAND: runs a command by eval. A shell that cannot fork ends (dash(1)), but not below `command`: then it is 2
try() {
  command eval "$1" 2>/dev/null
}

# pause: a hundredth of a second, or as long as it takes to count to some thousands
pause() {
  ! try 'sleep 0.01' || return 0
  count=0
  while [ $count -lt 5000 ]; do count=$((count + 1)); done
}
