# Prints the progress of a playbook, one JSON object per line, for src/tree/layer/playbook-failure.ts. Uses only what
# ansible-core 2.14 and later have in common.
from __future__ import annotations

import json
import sys

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = '''
name: vitest_cluster
type: stdout
short_description: the progress of a playbook, in JSON
description: One object per line.
'''

SERVICES = ('service', 'systemd', 'systemd_service', 'sysvinit')
STARTS = ('started', 'restarted', 'reloaded', 'stopped')
PROGRAMS = ('command', 'shell', 'raw', 'script')
# Printed by systemctl(1) in a tree
IGNORED = 'in chroot, ignoring'
# The characters kept from the end of an output, and the lines shown
KEPT = 4000
SHOWN = 12
OUTPUTS = ('stdout', 'stderr', 'module_stdout', 'module_stderr')


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'vitest_cluster'

    def v2_playbook_on_play_start(self, play):
        self._say('play', hosts=_text(play.hosts))

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._say('task', **_about(task))

    def v2_playbook_on_handler_task_start(self, task):
        self._say('task', **_about(task))

    def v2_runner_on_ok(self, result):
        self._done('ok', result)
        task, said = _parts(result)
        if _idle(task, said):
            self._say('idle', **_about(task))

    def v2_runner_on_skipped(self, result):
        self._done('skipped', result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._done('ignored' if ignore_errors else 'failed', result)

    def v2_runner_item_on_failed(self, result):
        self._done('item', result)

    def v2_runner_on_unreachable(self, result):
        self._done('failed', result)

    def v2_playbook_on_stats(self, stats):
        hosts = {host: stats.summarize(host) for host in stats.processed}
        self._say('recap', hosts=hosts)

    def _done(self, event, result):
        task, said = _parts(result)
        warnings = [_text(warning) for warning in said.get('warnings') or []]
        self._say(event, warnings=warnings, lines=_outputs(said), **_about(task))

    def _say(self, event, **what):
        sys.stdout.write(json.dumps({'event': event, **what}) + '\n')
        sys.stdout.flush()


def _parts(result):
    # From 2.19 on the attributes have no underscore
    task = getattr(result, 'task', None) or result._task
    said = getattr(result, 'result', None) or result._result
    return task, said


def _outputs(said):
    # Several modules gather facts, and each may fail for another reason
    inner = next(iter((said.get('failed_modules') or {}).values()), {})
    found = {key: value for each in (said, inner) for key, value in each.items() if value}
    item = ['item: ' + _text(said['item'])] if 'item' in said else []
    # The important part of a message is its beginning, that of an output is its end
    message = _lines(found.get('msg') or found.get('reason') or found.get('censored') or '')[:SHOWN]
    outputs = [_lines(found.get(key, ''))[-SHOWN:] for key in OUTPUTS]
    return item + message + list(dict.fromkeys(sum(outputs, [])))


def _lines(value):
    return [line for line in _text(value)[-KEPT:].split('\n') if line.strip()]


def _about(task):
    role = task._role.get_name() if task._role else ''
    return {
        'role': role,
        'name': _text(task.name or task.action),
        'module': _module(task),
        'path': task.get_path() or '',
    }


def _module(task):
    # Without its collection
    return _text(task.action).rpartition('.')[2]


def _idle(task, said):
    """Whether the task would have started or stopped a service, but did not."""
    results = [each for each in said.get('results') or [said] if isinstance(each, dict)]
    module = _module(task)
    if module in SERVICES:
        return any(_state(task, each) in STARTS for each in results)
    texts = [_text(each.get(key)) for each in results for key in ('stdout', 'stderr')]
    return module in PROGRAMS and any(IGNORED in text for text in texts)


def _state(task, result):
    if result.get('skipped'):
        return None
    arguments = (result.get('invocation') or {}).get('module_args') or task.args
    return arguments.get('state')


def _text(value):
    if isinstance(value, (list, tuple)):
        return ', '.join(_text(each) for each in value)
    return str(value)
