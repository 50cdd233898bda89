#!/bin/sh
# with-cgroup.sh PARENT PLACE OWNER ENTER ARGUMENT…
#
# Runs `ENTER PID ARGUMENT…` (enter.sh, with this process for its parent) in a control group that it may give to a
# systemd of its own. The build's directory has a file `cgroup` then, with the path of that. Ends with whoever
# started it, as enter.sh does; and the group with it, whatever ended it.
#   PARENT  the process that started this, by `setpriv --pdeathsig KILL`
#   PLACE   the control group to make one in; - for the one that systemd-run(1) has made for this process alone,
#           and which the user's manager takes away
#   OWNER   the uid that the host calls root of the tree; - for the caller
set -eu
umask 022
parent=$1 place=$2 owner=$3
shift 3
[ "$PPID" = "$parent" ] || exit 1
libexec=$(dirname "$0")

if [ "$place" = - ]; then
  mount=$(sed -n 's/^[^ ]* [^ ]* [^ ]* \/ \([^ ]*\) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
  group=$mount$(sed -n 's/^0:://p' /proc/self/cgroup)
else
  # One at a time, until it is in its group: an empty group is nobody's then, and left by a build that was killed
  # with the process that removes it
  exec 9<"$place"
  flock 9
  for left in "$place"/vitest-cluster-build-*; do
    if grep -qs '^populated 0' "$left/cgroup.events"; then sh "$libexec/../end-cgroup.sh" "$left"; fi
  done
  group=$(mktemp -d "$place/vitest-cluster-build-XXXXXXXX")
  chmod 755 "$group"
  # Waits for the end of this process, and is in no process group of it
  mkfifo lease
  exec 8<>lease 7<lease
  rm lease
  # shellcheck disable=SC2016
  setsid sh -c 'trap "" HUP INT TERM; cat; exec sh "$0" "$1"' "$libexec/../end-cgroup.sh" "$group" \
    <&7 7<&- 8>&- 9<&- >/dev/null 2>&1 &
  remover=$!
  exec 7<&-
fi

# A group with processes of its own can give its controllers to none below it (cgroups(7))
mkdir "$group/waiting" "$group/manager"
[ "$place" != - ] || echo 0 >"$group/waiting/cgroup.procs"
for controller in $(cat "$group/cgroup.controllers"); do
  echo "+$controller" 2>/dev/null >"$group/cgroup.subtree_control" || true
done
if [ "$owner" != - ]; then
  chown "$owner:$owner" "$group/cgroup.procs" "$group/manager" "$group/manager/cgroup.procs" \
    "$group/manager/cgroup.subtree_control" "$group/manager/cgroup.threads"
fi
printf '%s\n' "$group/manager" >cgroup
enter=$1
shift
if [ "$place" = - ]; then
  exec sh "$enter" "$parent" "$@"
fi

# What is given on standard input is not for this script
# shellcheck disable=SC2016
setpriv --pdeathsig KILL sh -c '
  echo 0 >"$0/waiting/cgroup.procs" || exit
  exec 8>&- 9<&-
  enter=$1 parent=$2
  shift 2
  exec sh "$enter" "$parent" "$@"' "$group" "$enter" "$$" "$@" <&0 &
entered=$!
exec 9<&-
status=0
wait "$entered" || status=$?
exec 8>&-
wait "$remover" || true
exit "$status"
