#!/bin/sh
# remove-session.sh DIRECTORY [CGROUP [LACKS]]
#
# Ends all processes of a session and removes its directory, if the directory belongs to the caller and
# has the marker that keeper.sh wrote. The marker is removed last, so that an interrupted removal can be
# repeated. If no process can be started it tries again, LACKS times (1000).
set -u
directory=$1 given=${2-} most=${3-1000}
# keeper.sh writes the marker while the directory is still named .new-ID
id=${directory##*/} id=${id#.new-}
libexec=${0%/*}
. "$libexec/kill-cgroup.sh"

# Sets `cgroup` to that of the marker. Fails for anything but a session of the caller
is_session() {
  [ -d "$directory" ] && [ ! -L "$directory" ] && [ -O "$directory" ] || return
  { read -r first && read -r second && read -r third; } 2>/dev/null <"$directory/session" || return
  [ "$first" = 'vitest-cluster session 1' ] && [ "$second" = "id=$id" ] && cgroup=${third#cgroup=}
}

own() { # CGROUP
  case $1 in */vitest-cluster-"$id") ;; *) false ;; esac
}

# Kills what runs in a session's group, except watch-lease.sh, which takes over if this script is killed
kill_session() { # CGROUP
  own "$1" || return 0
  kill_cgroup "$1/manager"
  kill_cgroup "$1/waiting"
}

end_session() { # CGROUP
  own "$1" || return 0
  end_cgroup "$1/manager" && end_cgroup "$1/waiting"
}

remove() {
  end_session "$given" || return
  if is_session; then
    remove_directory || return
  fi
  ! own "$given" || end_cgroup "$given"
}

remove_directory() {
  if own "$cgroup"; then
    end_session "$cgroup" || return
    [ "$cgroup" = "$given" ] || end_cgroup "$cgroup" || return
  else
    # Do not wait for a manager that does not answer: the processes in the slice are killed already
    timeout 5 systemctl --user stop "vitest_cluster_$id.slice" >/dev/null 2>&1
  fi
  # Only their owner can remove files of subordinate uids, inside the same mapping. Checked first, because
  # --map-auto leaves a child that waits forever if namespaces are refused (util-linux 2.38)
  remove_contents 2>/dev/null || ! unshare --user true 2>/dev/null ||
    unshare --user --map-auto --map-root-user -- \
      find "$directory" -mindepth 1 -maxdepth 1 ! -name session ! -name lock -exec rm -rf --one-file-system -- {} +
  rm -rf --one-file-system -- "$directory"
}

remove_contents() {
  find "$directory" -mindepth 1 -maxdepth 1 ! -name session ! -name lock -exec rm -rf --one-file-system -- {} +
}

# The keeper passes the group: its processes may run although the directory was removed, such as by a cleaner of /tmp
kill_session "$given"
! is_session || kill_session "$cgroup"
until try remove && ! is_session; do
  again "$most" || exit 1
done
# This process was the keeper, and has its children: a shell that runs a program reaps them, too
tries=0
while { read -r children || [ -n "$children" ]; } 2>/dev/null <"/proc/$$/task/$$/children" && [ $tries -lt 100 ]; do
  try 'sleep 0.002'
  tries=$((tries + 1))
done
