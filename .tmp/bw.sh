cd /home/dev/vitest-cluster/examples/quickstart
timeout 6 setpriv --reuid 1000 --regid 1000 --init-groups env HOME=/home/dev XDG_RUNTIME_DIR=/run/user/1000 vitest run 2>&1 | tail -3 &
sleep 5
ps -eo user,pid,ppid,stat,wchan:20,args | grep -v '\[' | tail -30
timeout 2 env XDG_RUNTIME_DIR=/run/user/1000 setpriv --reuid 1000 systemctl --user list-units --all | grep vitest
journalctl -n 10 --no-pager
