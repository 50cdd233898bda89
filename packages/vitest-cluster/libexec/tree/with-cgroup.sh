#!/bin/sh
# with-cgroup.sh PARENT PLACE OWNER ENTER ARGUMENT…
#
# Runs `ENTER PID ARGUMENT…` (enter.sh, with this process as its parent) in a control group that a systemd of the build
# can use. Writes the path of the group for that systemd to the file `cgroup` of the build's directory. Ends with its
# parent, as enter.sh does. However it ends, the group is removed.
#   PARENT  the process that started this, by `setpriv --pdeathsig KILL`
#   PLACE   the parent of the new control group; - for the group that systemd-run(1) has created for this process,
#           which the user's manager removes
#   OWNER   the host's uid for root of the tree; - for the caller
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
  # Under a lock until this process is in its group: an empty group is then a leftover of a build that was killed together
  # with the process that removes the group
  exec 9<"$place"
  flock 9
  for left in "$place"/vitest-cluster-build-*; do
    if grep -qs '^populated 0' "$left/cgroup.events"; then sh "$libexec/../end-cgroup.sh" "$left"; fi
  done
  group=$(mktemp -d "$place/vitest-cluster-build-XXXXXXXX")
  chmod 755 "$group"
  # The remover waits for the end of this process, in another process group
  mkfifo lease
  exec 8<>lease 7<lease
  rm lease
  # shellcheck disable=SC2016
  setsid sh -c 'trap "" HUP INT TERM; cat; exec sh "$0" "$1"' "$libexec/../end-cgroup.sh" "$group" \
    <&7 7<&- 8>&- 9<&- >/dev/null 2>&1 &
  remover=$!
  exec 7<&-
fi

# A group that contains processes cannot enable controllers for groups below it (cgroups(7))
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

# Standard input belongs to the command
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
