#!/bin/sh
# keeper.sh DIRECTORY CGROUP
#
# Makes a session's directory and outlives the run that started it: standard input is the lease, a
# pipe whose other end only the run holds. At its end of file (the run closed it, died, was killed)
# the keeper ends whatever is left of the session and removes the directory. It is in no process
# group and no control group of the session, and no signal but SIGKILL ends it. For that signal there
# is watch-lease.sh, which it starts first and gives descriptor 3, another such pipe.
# What it reads on standard input:
#   start KIND UID GID  to start the session's own manager (start-manager.sh)
#   end                 the run is there to do what the keeper cannot: a few tries are enough
#   slice CGROUP        where the user's own manager has the session's slice
# What it says on standard output: `made` once the directory is there, or `failed` if it cannot make
# it; `ended STATUS` when the manager that it started has gone.
#   DIRECTORY  to be made; its parent exists, belongs to the caller and is 0700
#   CGROUP     the session's control group, to be made, or - where it is the user's own manager's
set -u
umask 077

main() {
  directory=$1 cgroup=$2 slice='' starter='' lacks_allowed=1000
  libexec=${0%/*}
  . "$libexec/kill-cgroup.sh"
  # PIPE: what the run does not live to read is not worth dying for
  trap '' HUP INT TERM PIPE
  id=${directory##*/}
  new=${directory%/*}/.new-$id
  sh "$libexec/watch-lease.sh" "$directory" "$cgroup" $$ <&3 >/dev/null 2>&1 3<&- &
  watcher=$!
  exec 3<&-

  # Complete under another name first: a sweep that runs beside us never sees half a session
  make_directory || {
    # The run looks why, and lets go of the lease; then what was made can go
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
      # Now the manager watches the lease, too (lease.sh)
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
  # true: a shell of which an exec(1) fails ends at once
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
  # The groups and the log are made here: beside a removal that begins at once they could come after it
  exec 8>>"$directory/manager.log"
  mkdir -m 755 "$cgroup" "$cgroup/lease" 2>&8
  {
    # By a trap: a shell that can fork no more ends at once
    trap 'echo "ended $?"' EXIT
    sh "$libexec/start-manager.sh" "$directory" "$1" "$2" "$3" "$cgroup" </dev/null >&8 2>&1 8>&-
    status=$?
    trap - EXIT
    echo "ended $status"
    : >"$directory/ended"
  } 9>&- &
  starter=$!
  # watch-lease.sh ends with this group, which is the last thing that goes (remove-session.sh). The kernel takes
  # milliseconds to move a process: the manager starts meanwhile
  { echo "$watcher" >"$cgroup/lease/cgroup.procs"; } 2>&8
  exec 8>&-
}

# Kills the services first, then the manager, then the rest, so that each process is reaped by the one that started
# it: nobody else may do it (in a container, whose first process can be any program). Waits for that, but not long.
end_manager() {
  case $kind in chroot | range) end_units ;; esac
  kill_cgroup "$cgroup/manager"
  until_empty "$cgroup/waiting/cgroup.procs"

  # One that is about to start comes into the group yet. watch-lease.sh goes on: it is there for as long as the
  # session is, and ends with the group (remove-session.sh)
  while [ -d "$directory" ] && [ ! -e "$directory/ended" ] && lives "$starter"; do
    kill_cgroup "$cgroup/manager"
    kill_cgroup "$cgroup/waiting"
    again 1000 || return
  done
}

# Ends all that the manager has started, and waits until it has reaped it
end_units() {
  # One that was stopped before reaps nothing
  read -r manager 2>/dev/null <"$cgroup/manager/init.scope/cgroup.procs" &&
    read -r _ _ state _ 2>/dev/null <"/proc/$manager/stat" && [ "$state" != T ] || manager=''
  # It sees them end all at once: one that learns first that its bus is gone connects to it again, and waits for an
  # answer of the dead
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
  # `populated 0` comes when all are zombies (cgroups(7))
  while read -r _ populated 2>/dev/null <"$1/cgroup.events" && [ "$populated" = 1 ] && [ $count -lt 300 ]; do
    count=$((count + 1))
    [ $count -lt 200 ] || try 'sleep 0.01'
  done
}

lives() { # PID
  read -r _ _ state _ 2>/dev/null <"/proc/$1/stat" && [ "$state" != Z ]
}

# Waits until a list has been empty five times: that of children may leave some out while others end (proc(5))
until_empty() { # FILE
  count=0 empty=0
  while [ $empty -lt 5 ] && [ $count -lt 300 ] && [ -e "$1" ]; do
    # a line without its end counts, too
    if { read -r line || [ -n "$line" ]; } 2>/dev/null <"$1"; then empty=0; else empty=$((empty + 1)); fi
    count=$((count + 1))
    [ $count -lt 200 ] || try 'sleep 0.01'
  done
}

main "$@"
