#!/bin/sh
# start-manager.sh DIRECTORY KIND UID GID CGROUP
#
# Becomes the session's own manager.
#   KIND     chroot  a `systemd --user` with the one uid
#            range   a `systemd --user` as root of a user namespace with many
#            boot    the tree's `systemd --system`, the same namespace's PID 1
#            nspawn  the same by systemd-nspawn(1); root's only
#   UID GID  of the session's services; with many uids, what the host calls root of the tree
#   CGROUP   the session's control group, or - for the one that this process is in
set -eu
umask 022
directory=$1 kind=$2 uid=$3 gid=$4 cgroup=$5
libexec=$(dirname "$0")
PATH=$PATH:/usr/sbin:/sbin

# A later step may run as a uid that can pass neither to these scripts nor to the session
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
# A group with processes of its own can give its controllers to none below it (cgroups(7)): whoever only
# waits is in the one, the manager and all that it starts in the other
mkdir "$cgroup/waiting" "$cgroup/manager"
echo 0 >"$cgroup/waiting/cgroup.procs"
for controller in $(cat "$cgroup/cgroup.controllers"); do
  echo "+$controller" 2>/dev/null >"$cgroup/cgroup.subtree_control" || true
done
if [ "$caller" = root ]; then
  chown "$uid:$gid" "$cgroup/cgroup.procs" "$cgroup/manager" "$cgroup/manager/cgroup.procs" \
    "$cgroup/manager/cgroup.subtree_control" "$cgroup/manager/cgroup.threads"
fi

# The units of a manager in the tree. What a tree that boots starts besides its own, and what it leaves to the
# host: the kernel and its devices.
# /tmp is the session's already, and may show paths of the host.
case $kind in
range)
  cp -R manager/range root/run/vitest-cluster-libexec/manager
  mkdir -p root/run/systemd/system root/run/user
  [ "$caller" != root ] || chown "$uid:$gid" root/run/systemd root/run/systemd/system root/run/user
  ;;
boot | nspawn)
  # A place that is the session's whatever the tree is; its manager is told to look there first
  units=root/run/vitest-cluster-libexec/system
  cp -R manager/system "$units"
  while read -r unit; do ln -s /dev/null "$units/$unit"; done <manager/masked
  # nspawn hides the tree's /run by one of its own before it looks for what to bind there
  [ "$kind" != nspawn ] || cp -R root/run/vitest-cluster-libexec manager
  ;;
esac

# Root's tree may be where its uids cannot pass: he shows it first. Anybody else does so in his user namespace
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
  # A network of its own: nothing but loopback, and its ports forwarded to the host's loopback by pasta(1)
  set --
  if [ -e forward ]; then
    while read -r port; do set -- "$@" --tcp-ports "127.0.0.1/$port"; done <forward
    # pasta takes a SIGPIPE that is ignored, as here and in systemd's units, for a failure to handle signals
    # From 2024_10_30 on it has to be told that the services listen on loopback; older versions always do that
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
