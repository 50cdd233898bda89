# Runs in the tree before a playbook does, where that is not booted. What it makes in /run is gone with the build.

# Services are enabled and disabled, but not run: systemctl(1) leaves it at that, for SYSTEMD_OFFLINE is set, and
# without this directory service(8) would run init scripts
mkdir -p /run/systemd/system /run/vitest-cluster/bin
# Nothing that a package brings is started: invoke-rc.d(8) asks this
policy=/usr/sbin/policy-rc.d
if [ -d /usr/sbin ] && [ ! -e $policy ] && [ ! -L $policy ]; then
  printf '#!/bin/sh\n# vitest-cluster: while the tree is made\nexit 101\n' >$policy
  chmod 755 $policy
fi
# A tree without systemd can be told about services as well. One that a task installs takes over
cat >/run/vitest-cluster/bin/systemctl <<'SCRIPT'
#!/bin/sh
for real in /usr/bin/systemctl /bin/systemctl; do
  [ ! -x $real ] || exec $real "$@"
done
echo "Running in chroot, ignoring command: $*" >&2
SCRIPT
chmod 755 /run/vitest-cluster/bin/systemctl
