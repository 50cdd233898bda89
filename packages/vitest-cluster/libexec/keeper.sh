#!/bin/sh
# keeper.sh DIRECTORY CGROUP
#
# Creates a session's directory and outlives the run that started it. Standard input is the lease, a
# pipe whose other end only the run holds. At its end of file (the run closed it, died, was killed)
# the keeper ends all processes of the session and removes the directory. It is outside the process
# groups and control groups of the session, and only SIGKILL ends it. In case of SIGKILL,
# watch-lease.sh removes the session: the keeper starts it first, with descriptor 3, another such pipe.
# Commands on standard input:
#   start KIND UID GID  start the session's own manager (start-manager.sh)
#   end                 the run will remove what the keeper cannot: a few tries are enough
#   slice CGROUP        the control group of the session's slice under the user's own manager
# Lines on standard output: `made` when the directory exists, or `failed` if it cannot be created;
# `ended STATUS` when the manager that the keeper started has ended.
#   DIRECTORY  to be created; its parent exists, belongs to the caller and is 0700
#   CGROUP     the session's control group, to be created, or - under the user's own manager
set -u
umask 077

main() {
  directory=$1 cgroup=$2 slice='' starter='' lacks_allowed=1000
  libexec=${0%/*}
  . "$libexec/kill-cgroup.sh"
  # PIPE: a write to a run that has ended must not end the keeper
  trap '' HUP INT TERM PIPE
  id=${directory##*/}
  new=${directory%/*}/.new-$id
  sh "$libexec/watch-lease.sh" "$directory" "$cgroup" $$ <&3 >/dev/null 2>&1 3<&- &
  watcher=$!
  exec 3<&-

  # Created under another name and renamed: a sweep at the same time never sees an incomplete session
  make_directory || {
    # The run looks for the reason, and closes the lease; then the files can be removed
    echo failed
    read -r _
    rm -rf --one-file-system -- "$new"
    stop_watcher
    exit 1
  }
  echo made

  while read -r word value uid gid; do
    case $word in
    start) start_manager "$value" "$uid" "$gid" ;;
    slice)
      # From now on the manager watches the lease, too (lease.sh)
      slice=$value
      stop_watcher
      ;;
    end)
      lacks_allowed=5
      [ -n "$starter" ] || stop_watcher
      ;;
    esac
  done
  [ -z "$slice" ] || kill_cgroup "$slice"
  [ -z "$starter" ] || end_manager
  exec >/dev/null
  exec sh "$libexec/remove-session.sh" "$directory" "$cgroup" $lacks_allowed
}

make_directory() {
  # true: a failed redirection of exec would end the shell
  mkdir "$new" && true >"$new/lock" && exec 9>"$new/lock" && flock -n 9 &&
    printf 'vitest-cluster session 1\nid=%s\ncgroup=%s\n' "$id" "$cgroup" >"$new/session" &&
    mkdir -m 755 "$new/cluster" && mkdir "$new/client" "$new/status" && mkfifo "$new/lease" &&
    mv "$new" "$directory"
}

stop_watcher() {
  kill -KILL "$watcher"
  wait "$watcher"
} 2>/dev/null

start_manager() { # KIND UID GID
  kind=$1
  # Create the groups and the log here: in the child they could be created after a removal that begins at once
  exec 8>>"$directory/manager.log"
  mkdir -m 755 "$cgroup" "$cgroup/lease" 2>&8
  {
    # By a trap, because a shell that cannot fork exits at once
    trap 'echo "ended $?"' EXIT
    sh "$libexec/start-manager.sh" "$directory" "$1" "$2" "$3" "$cgroup" </dev/null >&8 2>&1 8>&-
    status=$?
    trap - EXIT
    echo "ended $status"
    : >"$directory/ended"
  } 9>&- &
  starter=$!
  # watch-lease.sh ends with this group, which is removed last (remove-session.sh). The kernel needs milliseconds to
  # move a process; the manager starts meanwhile
  { echo "$watcher" >"$cgroup/lease/cgroup.procs"; } 2>&8
  exec 8>&-
}

# Kills the services first, then the manager, then the rest, so that each process is reaped by its parent. Orphans may
# never be reaped in a container, whose first process can be any program. Waits for that, but not long.
end_manager() {
  case $kind in chroot | range) end_units ;; esac
  kill_cgroup "$cgroup/manager"
  until_empty "$cgroup/waiting/cgroup.procs"

  # A manager that is starting may still enter the group. watch-lease.sh is spared: it runs as long as the session
  # exists, and ends with the group (remove-session.sh)
  while [ -d "$directory" ] && [ ! -e "$directory/ended" ] && lives "$starter"; do
    kill_cgroup "$cgroup/manager"
    kill_cgroup "$cgroup/waiting"
    again 1000 || return
  done
}

# Ends all processes that the manager has started, and waits until it has reaped them
end_units() {
  # A manager that is stopped already (SIGSTOP) does not reap
  read -r manager 2>/dev/null <"$cgroup/manager/init.scope/cgroup.procs" &&
    read -r _ _ state _ 2>/dev/null <"/proc/$manager/stat" && [ "$state" != T ] || manager=''
  # Stopped, so that it sees all processes end at once: if it noticed the end of its bus first, it would connect again
  # and wait for a reply of a dead process
  [ -z "$manager" ] || kill -STOP "$manager" 2>/dev/null
  for below in "$cgroup"/manager/*/; do
    case $below in */init.scope/) ;; *) [ ! -d "$below" ] || end_unit "${below%/}" ;; esac
  done
  [ -n "$manager" ] && kill -CONT "$manager" 2>/dev/null &&
    until_empty "/proc/$manager/task/$manager/children"
}

end_unit() { # CGROUP
  kill_cgroup "$1"
  count=0
  # `populated 0` is set when all processes are zombies (cgroups(7))
  while read -r _ populated 2>/dev/null <"$1/cgroup.events" && [ "$populated" = 1 ] && [ $count -lt 300 ]; do
    count=$((count + 1))
    [ $count -lt 200 ] || try 'sleep 0.01'
  done
}

lives() { # PID
  read -r _ _ state _ 2>/dev/null <"/proc/$1/stat" && [ "$state" != Z ]
}

# Waits until a list was empty five times: the list of children may omit some while others end (proc(5))
until_empty() { # FILE
  count=0 empty=0
  while [ $empty -lt 5 ] && [ $count -lt 300 ] && [ -e "$1" ]; do
    # a line without a newline counts, too
    if { read -r line || [ -n "$line" ]; } 2>/dev/null <"$1"; then empty=0; else empty=$((empty + 1)); fi
    count=$((count + 1))
    [ $count -lt 200 ] || try 'sleep 0.01'
  done
}

main "$@"
