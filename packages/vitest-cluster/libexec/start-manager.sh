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

# shellcheck disable=SC2016
join='echo 0 >"$0/cgroup.procs" && exec "$@"'
case $kind in
chroot)
  user=''
  [ "$caller" = root ] || user='--user --map-root-user'
  # shellcheck disable=SC2086
  exec sh -c "$join" "$cgroup/manager" unshare $user --mount --cgroup --ipc --propagation private \
    sh manager/private-manager.sh "$directory" "$uid" "$gid" "$caller"
  ;;
range)
  exec setpriv --pdeathsig KILL sh manager/range.sh "$base" \
    sh -c "$join" "$cgroup/manager" unshare --mount --cgroup --ipc --propagation private \
    sh manager/private-manager.sh "$directory" 0 0 range
  ;;
boot)
  exec setpriv --pdeathsig KILL sh manager/range.sh "$base" \
    unshare --mount --ipc --uts --pid --fork --kill-child --propagation private \
    sh -c "$join" "$cgroup/manager" unshare --cgroup sh manager/boot.sh
  ;;
esac
