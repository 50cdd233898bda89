import { defineService, type ServiceDefinition } from 'vitest-cluster'
import { ports } from '../ports.ts'
import { BUSY } from './busy.ts'

/** Topics and their partitions, as in v-c-t's testing/vcttesting/hgmo.py. */
const TOPICS = { pushdata: 8, replicatedpushdatapending: 1, replicatedpushdata: 1 }

/**
 * Creates the topics as `hgmo start` of the Docker cluster does, and waits until each broker has a leader for each partition.
 * By kafka-python: kafka-topics.sh would start a JVM for each topic.
 */
const PROGRAM = `
import json, sys, time
from kafka.client_async import KafkaClient
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from kafka.protocol.admin import CreateTopicsRequest
from kafka.protocol.metadata import MetadataRequest

topics, brokers = json.loads(sys.argv[1]), sys.argv[2:]
CONFIG = [
    ('min.insync.replicas', '2'),
    ('unclean.leader.election.enable', 'false'),
    ('max.message.bytes', '104857600'),
]


def ask(client, node, request):
    while not client.ready(node):
        client.poll(timeout_ms=20)
    future = client.send(node, request)
    client.poll(future=future)
    if future.exception:
        raise future.exception
    return future.value


def create(client, node):
    new = [(name, count, len(brokers), [], CONFIG) for name, count in topics.items()]
    for _, code, _ in ask(client, node, CreateTopicsRequest[1](new, 10000, False)).topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise for_code(code)


def has_topics(client, node):
    """Whether a broker knows a leader of each partition, and that all brokers have it."""
    topics_there = ask(client, node, MetadataRequest[1](list(topics))).topics
    return all(
        len(partitions) == topics[name]
        and all(not code and len(isr) == len(brokers) for code, _, _, _, isr in partitions)
        for _, name, _, partitions in topics_there
    )


def attempt():
    client = KafkaClient(bootstrap_servers=brokers, client_id='topics', api_version=(1, 0, 0))
    try:
        client.poll(future=client.cluster.request_update())
        known = [broker.nodeId for broker in client.cluster.brokers()]
        if not client.cluster.controller or len(known) < len(brokers):
            return False
        create(client, client.cluster.controller.nodeId)
        while not all(has_topics(client, node) for node in known):
            time.sleep(0.02)
        return True
    finally:
        client.close()


# Soon after the start the controller may not know all brokers. The session limits the time of the whole job.
while True:
    try:
        if attempt():
            break
    except KafkaError as error:
        print(repr(error), flush=True)
    time.sleep(0.05)
`

/** A one-off job on a host whose virtual environment has kafka-python. */
export function topics(
  python = '/var/hg/venv_tools/bin/python',
  hosts: readonly string[] = ['hgssh', 'hgweb0', 'hgweb1'],
): ServiceDefinition {
  return defineService({
    kind: 'topics',
    dependsOn: hosts.map((host) => `${host}-kafka`),
    command: () => [
      ...[python, '-c', PROGRAM, JSON.stringify(TOPICS)],
      ...hosts.map((host) => `${host}:${ports.kafka}`),
    ],
    ready: 'exited',
    readyTimeout: BUSY,
  })
}
