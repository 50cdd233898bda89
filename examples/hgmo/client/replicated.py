"""Waits until what the consumers of the mirrors have read is served, for 5 s at most.

A mirror serves the heads that its heads consumer has seen. Messages reach that one by way of an aggregator on the master,
which looks for new ones each second. Both may be down on purpose.
"""

import time

from vcsreplicator.aggregator import read_consumer_groups
from vcsreplicator.config import Config
from vcsreplicator.util import consumer_offsets

LONGEST = 5


def is_behind(topic, groups):
    offsets = consumer_offsets(client, topic, groups)
    return any(
        read < offsets['available'][partition]
        for group in offsets['group'].values()
        for partition, read in group.items()
    )


config = Config(filename='/etc/mercurial/pushdataaggregator-pending.ini')
client = config.get_client_from_section('aggregator', timeout=5)


def get(name):
    return config.get('aggregator', name)


end = time.monotonic() + LONGEST
heads = read_consumer_groups(get('monitor_groups_file'))
while time.monotonic() < end and (
    is_behind(get('monitor_topic'), [get('ack_group')]) or is_behind(get('aggregate_topic'), heads)
):
    time.sleep(0.1)
