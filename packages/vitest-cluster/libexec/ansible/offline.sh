# Runs in a tree that is not booted, before a playbook. Its files in /run vanish with the build.

# Services are enabled and disabled, but not run: SYSTEMD_OFFLINE is set for systemctl(1), and without this directory
# service(8) would run init scripts
mkdir -p /run/systemd/system /run/vitest-cluster/bin
# invoke-rc.d(8) reads this policy: services of packages are not started
policy=/usr/sbin/policy-rc.d
if [ -d /usr/sbin ] && [ ! -e $policy ] && [ ! -L $policy ]; then
  printf '#!/bin/sh\n# vitest-cluster: while the tree is made\nexit 101\n' >$policy
  chmod 755 $policy
fi
# A systemctl for trees without systemd. If a task installs systemd, its systemctl is run
cat >/run/vitest-cluster/bin/systemctl <<'SCRIPT'
#!/bin/sh
for real in /usr/bin/systemctl /bin/systemctl; do
  [ ! -x $real ] || exec $real "$@"
done
echo "Running in chroot, ignoring command: $*" >&2
SCRIPT
chmod 755 /run/vitest-cluster/bin/systemctl
