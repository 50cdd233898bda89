# Connects Ansible to a tree that is being built: by chroot(1) as root of the build's namespace, or by nsenter(1) if the
# tree is booted. Files are copied by programs of the tree, too, so that no symbolic link leads out of it.
from __future__ import annotations

import os
import subprocess

from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.plugins.connection import ConnectionBase
from ansible.utils.display import Display

DOCUMENTATION = '''
name: vitest_cluster
short_description: a tree that is being built
description: Runs programs with the tree as their root.
options:
  root:
    description: The path of the tree on the host.
    type: str
    vars:
      - name: vitest_cluster_root
  booted:
    description: The file with the process number of the tree's systemd, if the tree is booted.
    type: str
    vars:
      - name: vitest_cluster_booted
  environment:
    description: The environment of programs in the tree.
    type: dict
    vars:
      - name: vitest_cluster_environment
  pipelining:
    description: Whether modules are passed to Python without a file.
    type: boolean
    default: true
'''

display = Display()
# The control group of tasks in a booted tree
TASKS = 'system.slice/vitest-cluster-tasks.service'


class Connection(ConnectionBase):
    transport = 'vitest_cluster'
    has_pipelining = True
    has_tty = False

    def _connect(self):
        self._connected = True
        return self

    def close(self):
        self._connected = False

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        display.vvv(f'EXEC {cmd}', host='tree')
        shell = self._play_context.executable or '/bin/sh'
        process = self._start([shell, '-c', cmd])
        stdout, stderr = process.communicate(in_data)
        return process.returncode, stdout, stderr

    def put_file(self, in_path, out_path):
        super().put_file(in_path, out_path)
        if not os.path.exists(in_path):
            raise AnsibleFileNotFound(f'{in_path} does not exist')
        with open(in_path, 'rb') as file:
            self._finish(self._start(['/bin/sh', '-c', 'cat >"$0"', out_path], stdin=file), out_path)

    def fetch_file(self, in_path, out_path):
        super().fetch_file(in_path, out_path)
        with open(out_path, 'wb') as file:
            self._finish(self._start(['/bin/sh', '-c', 'cat <"$0"', in_path], stdout=file), in_path)

    def _start(self, argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE):
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith('_proxy')}
        return subprocess.Popen(
            [*self._enter(), *argv],
            env={**self.get_option('environment'), **proxies},
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )

    def _enter(self):
        booted = self.get_option('booted')
        if not booted:
            return ['chroot', self.get_option('root')]
        with open(booted) as file:
            systemd = file.read().strip()
        # Not --cgroup: inside that namespace, no process from outside may be moved in (cgroups(7), nsdelegate)
        namespaces = ['--mount', '--pid', '--uts', '--ipc', '--root', '--wd']
        join = f'echo 0 >/sys/fs/cgroup/{TASKS}/cgroup.procs && exec "$@"'
        return ['nsenter', '--target', systemd, *namespaces, '--', '/bin/sh', '-c', join, 'sh']

    def _finish(self, process, path):
        _, stderr = process.communicate()
        if process.returncode != 0:
            raise AnsibleError(f'cannot copy {path} of the tree: {stderr.decode(errors="replace").strip()}')
