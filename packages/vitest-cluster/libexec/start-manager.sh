#!/bin/sh
# start-manager.sh DIRECTORY KIND UID GID CGROUP
#
# Becomes the session's own manager.
#   KIND     chroot  a `systemd --user` with one uid
#            range   a `systemd --user` as root of a user namespace with many uids
#            boot    the tree's `systemd --system`, as PID 1 of such a namespace
#            nspawn  the same by systemd-nspawn(1); for root only
#   UID GID  of the session's services; with many uids, the host's numbers for root of the tree
#   CGROUP   the session's control group, or - for that of this process
set -eu
umask 022
directory=$1 kind=$2 uid=$3 gid=$4 cgroup=$5
libexec=$(dirname "$0")
PATH=$PATH:/usr/sbin:/sbin

# A later step may run as a uid that may enter neither the directory of these scripts nor that of the session
cd "$directory/cluster"
cp -R "$libexec/manager" .
caller=user base=-
if [ "$(id -u)" = 0 ]; then
  caller=root base=$uid
  chown "$uid:$gid" .
fi

if [ "$cgroup" = - ]; then
  mount=$(sed -n 's/^[^ ]* [^ ]* [^ ]* \/ \([^ ]*\) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
  cgroup=$mount$(sed -n 's/^0:://p' /proc/self/cgroup)
fi
# A group that contains processes cannot enable controllers for groups below it (cgroups(7)): processes
# that only wait are in one group, the manager and all that it starts in the other
mkdir "$cgroup/waiting" "$cgroup/manager"
echo 0 >"$cgroup/waiting/cgroup.procs"
for controller in $(cat "$cgroup/cgroup.controllers"); do
  echo "+$controller" 2>/dev/null >"$cgroup/cgroup.subtree_control" || true
done
if [ "$caller" = root ]; then
  chown "$uid:$gid" "$cgroup/cgroup.procs" "$cgroup/manager" "$cgroup/manager/cgroup.procs" \
    "$cgroup/manager/cgroup.subtree_control" "$cgroup/manager/cgroup.threads"
fi

# The units of a manager in the tree: those that a booted tree starts besides its own, and masked units for the
# kernel and its devices, which belong to the host.
# /tmp is the session's already, and may have mounts of paths of the host.
case $kind in
range)
  cp -R manager/range root/run/vitest-cluster-libexec/manager
  mkdir -p root/run/systemd/system root/run/user
  [ "$caller" != root ] || chown "$uid:$gid" root/run/systemd root/run/systemd/system root/run/user
  ;;
boot | nspawn)
  # A directory of the session in every tree; the manager searches it first
  units=root/run/vitest-cluster-libexec/system
  cp -R manager/system "$units"
  while read -r unit; do ln -s /dev/null "$units/$unit"; done <manager/masked
  # nspawn mounts a new /run over that of the tree before it looks for paths to bind there
  [ "$kind" != nspawn ] || cp -R root/run/vitest-cluster-libexec manager
  ;;
esac

# The uids of root's session may have no access to the cache, so root mounts the tree first. An ordinary user mounts it
# inside the user namespace
show='sh manager/mount-tree.sh' show_first=''
if [ "$caller" = root ]; then
  show_first="unshare --mount --propagation private $show" show=''
fi
# shellcheck disable=SC2016
join='echo 0 >"$0/cgroup.procs" && exec "$@"'
case $kind in
chroot)
  user=''
  [ "$caller" = root ] || user='--user --map-root-user'
  # shellcheck disable=SC2086
  exec sh -c "$join" "$cgroup/manager" unshare $user --mount --cgroup --ipc --propagation private \
    sh manager/mount-tree.sh sh manager/private-manager.sh "$directory" "$uid" "$gid" "$caller"
  ;;
range)
  # shellcheck disable=SC2086
  exec $show_first setpriv --pdeathsig KILL sh manager/range.sh "$base" \
    sh -c "$join" "$cgroup/manager" unshare --mount --cgroup --ipc --propagation private \
    $show sh manager/enter-tree.sh range "$directory/cluster"
  ;;
boot)
  # A network with only a loopback, whose ports pasta(1) forwards to the host's loopback
  set --
  if [ -e forward ]; then
    while read -r port; do set -- "$@" --tcp-ports "127.0.0.1/$port"; done <forward
    # If SIGPIPE is ignored, as it is here and in systemd's units, pasta reports a failure to handle signals
    # From 2024_10_30 on, connections to loopback need an option; older versions always connect to loopback
    ! pasta --host-lo-to-ns-lo --version >/dev/null 2>&1 || set -- --host-lo-to-ns-lo "$@"
    set -- env --default-signal=PIPE pasta --netns-only --udp-ports none --tcp-ns none --udp-ns none "$@" --
  fi
  # shellcheck disable=SC2086
  exec $show_first setpriv --pdeathsig KILL sh manager/range.sh "$base" "$@" \
    unshare --mount --ipc --uts --pid --fork --kill-child --propagation private \
    sh -c "$join" "$cgroup/manager" unshare --cgroup $show sh manager/enter-tree.sh boot "$directory/cluster"
  ;;
nspawn)
  # shellcheck disable=SC2086
  exec $show_first setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private \
    sh -c "$join" "$cgroup/manager" unshare --cgroup sh manager/nspawn.sh "$directory/cluster" "$base"
  ;;
esac
