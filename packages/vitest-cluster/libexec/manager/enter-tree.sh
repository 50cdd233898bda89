#!/bin/sh
# enter-tree.sh KIND CLUSTER
#
# Makes the tree its root, and becomes the manager of the tree's services. Runs in CLUSTER, the session's
# cluster directory, as root of its own namespaces: user with a range of uids, mount, cgroup, ipc.
#   KIND  range  a `systemd --user` as root. From systemd 254 on, units with RootDirectory= under a
#                manager outside the tree would always get a user namespace with one uid
#         boot   the tree's `systemd --system`; then the namespaces are also pid and uts, and this is the
#                first process
# Mounts what https://systemd.io/CONTAINER_INTERFACE asks of a container manager:
#   root          bound on itself, with the other mounts of the tree (the file mounts: three lines each, ro or
#                 rw, the source, the target)
#   /dev          harmless devices only, and a pty instance of its own
#   /sys/fs/cgroup  cgroup2, rooted at the session's control group
set -eu
umask 022
kind=$1 cluster=$2
newline='
'

# Makes all mounts read-only that belong to a read-only path of the tree, also those that came with it. A mount belongs to
# the last path of the list that is at or above it: paths come after those above them. The flags of a mount from outside
# cannot be dropped (mount_namespaces(7)): they are repeated.
make_read_only() {
  while IFS=' ' read -r _ _ _ _ point flags _; do
    # Blanks and others are in octal
    # shellcheck disable=SC2059
    case $point in *\\*) point=$(printf "$(printf %s "$point" | sed 's/%/%%/g')") ;; esac
    case $point in "$cluster/root"/*) ;; *) continue ;; esac
    nearest=
    for each in $shown; do
      case $point/ in "$cluster/root${each#r[ow]}"/*) nearest=$each ;; esac
    done
    case $nearest in
    ro*) mount -c -o "remount,bind,ro,${flags#r[wo]}" ".${point#"$cluster"}" ;;
    esac
  done <<TABLE
$(cat /proc/self/mountinfo)
TABLE
}

# -c and -P keep paths relative: the tree's uids may not enter the directories above
mount -c --rbind root root
shown=
while IFS= read -r how && IFS= read -r source && IFS= read -r target; do
  # A path of the session as a relative path: the tree's uids may not enter the directories above
  case $source in "$cluster"/*) source=${source#"$cluster"/} ;; esac
  if [ -d "$source" ]; then
    [ -d "root$target" ] || mkdir -p "root$target"
  elif [ ! -e "root$target" ]; then
    mkdir -p "root${target%/*}"
    : >"root$target"
  fi
  mount -c --rbind "$source" "root$target"
  shown=$shown$how$target$newline
done <mounts
# read-only: then systemd leaves the hardware to the host (udev, modules)
mount -c --rbind /sys root/sys
shown=${shown}ro/sys
(
  set -f
  IFS=$newline
  make_read_only
)
cd -P root

case $kind in
boot) mount -c -t proc proc proc ;;
# the host's proc: a new one would need a new pid namespace (pid_namespaces(7))
range) mount -c --rbind /proc proc ;;
esac
mount -c -t tmpfs tmpfs sys/fs/cgroup
mount -c -t cgroup2 cgroup2 sys/fs/cgroup
mount -c -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  : >dev/$device
  mount -c --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm
mount -c -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -c -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
: >dev/console
mount -c --bind /dev/null dev/console
mount -c --rbind run run
if [ "$kind" = range ]; then
  # Up to systemd 249 a manager looks for its control groups below that of the first process, and that of the host's is
  # outside of this namespace: /../.. (cg_get_root_path() in cgroup-util.c)
  echo 0::/ >dev/first
  mount -c --bind dev/first proc/1/cgroup || true
  rm dev/first
fi

mount -c -n --move . /
systemd=/usr/lib/systemd/systemd
[ -x ".$systemd" ] || systemd=/lib/systemd/systemd
set -- env -i LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
case $kind in
boot)
  hostname vitest-cluster
  exec chroot . "$@" container=vitest-cluster SYSTEMD_UNIT_PATH=/run/vitest-cluster-libexec/system: \
    "$systemd" --system --unit=vitest-cluster.target --log-target=console
  ;;
range)
  # Services of other uids use its notification socket and the logs
  umask 0
  # No other process would end it when its parent ends
  exec chroot . setpriv --pdeathsig KILL "$@" HOME=/root XDG_RUNTIME_DIR=/run/user \
    DBUS_SESSION_BUS_ADDRESS=unix:path=/run/vitest-cluster/private-bus \
    SYSTEMD_UNIT_PATH=/run/vitest-cluster-libexec/manager \
    SYSTEMD_GENERATOR_PATH=/none SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/none \
    "$systemd" --user --unit=basic.target --log-target=console --log-level=notice
  ;;
esac
