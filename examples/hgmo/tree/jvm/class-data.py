"""Makes the archives of classes (AppCDS) of ZooKeeper, Kafka and kafka-topics.sh.

Three ZooKeepers and three brokers run as in the cluster, and their JVMs write down which classes they load. An archive
belongs to one build of the JDK and to these jars: it is made in a layer after both.
"""

import pathlib
import socket
import subprocess
import sys
import time

ARCHIVES = pathlib.Path(sys.argv[1])
WORK = pathlib.Path('/tmp/class-data')
MEMBERS = (1, 2, 3)
LOG4J = """\
log4j.rootLogger=INFO, FILE, CONSOLE
log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender
log4j.appender.CONSOLE.Threshold=WARN
log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout
log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n
log4j.appender.FILE=org.apache.log4j.DailyRollingFileAppender
log4j.appender.FILE.DatePattern='.'yyyy-MM-dd
log4j.appender.FILE.File=${program.log}
log4j.appender.FILE.layout=org.apache.log4j.PatternLayout
log4j.appender.FILE.layout.ConversionPattern=[%d] %p %m (%c)%n
"""


def address(member):
    return f'127.0.0.{member}'


def java(program, main, *arguments, member=1, **options):
    """Starts a program whose JVM writes the names of its classes to a file."""
    name = f'{program}{member}'
    return subprocess.Popen(
        [
            'java',
            f'@{ARCHIVES}/{program}.args',
            '-Xshare:off',
            f'-XX:DumpLoadedClassList={WORK}/{name}.classes',
            f'-Dprogram.log={WORK}/{name}.log',
            f'-Dlog4j.configuration=file:{WORK}/log4j.properties',
            main,
            *map(str, arguments),
        ],
        **options,
    )


def zookeeper(member):
    data = WORK / f'zookeeper{member}'
    (data / 'version-2').mkdir(parents=True)
    (data / 'myid').write_text(f'{member}\n')
    config = data / 'zoo.cfg'
    servers = [f'server.{each}={address(each)}:2888:3888' for each in MEMBERS]
    lines = ['tickTime=2000', 'initLimit=5', 'syncLimit=2', f'dataDir={data}', 'clientPort=2181']
    lines += [f'clientPortAddress={address(member)}', *servers, '']
    config.write_text('\n'.join(lines))
    main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
    return java('zookeeper', main, config, member=member)


def broker(member):
    config = WORK / f'server{member}.properties'
    zookeepers = ','.join(f'{address(each)}:2181' for each in MEMBERS)
    lines = ['port=9092', f'host.name={address(member)}', f'broker.id={member}']
    lines += [f'log.dirs={WORK}/kafka{member}', f'zookeeper.connect={zookeepers}/cluster']
    lines += ['num.network.threads=8', 'default.replication.factor=3', 'min.insync.replicas=2', '']
    config.write_text('\n'.join(lines))
    return java('kafka', 'kafka.Kafka', config, member=member)


def serves(member):
    """Whether a ZooKeeper is a member of the quorum."""
    try:
        with socket.create_connection((address(member), 2181), timeout=1) as connection:
            connection.sendall(b'srvr')
            return b'Mode:' in connection.makefile('rb').read()
    except OSError:
        return False


def listens(member):
    try:
        with socket.create_connection((address(member), 9092), timeout=1):
            return True
    except OSError:
        return False


def wait(condition, processes):
    for member, process in zip(MEMBERS, processes):
        end = time.monotonic() + 60
        while not condition(member):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f'{process.args} does not start')
            time.sleep(0.1)


def round_trip():
    """Creates a topic, and passes a message through it, for the classes of requests and replication."""
    topic = ['--create', '--topic', 'test', '--partitions', 8, '--replication-factor', 3]
    topic += ['--config', 'min.insync.replicas=2', '--config', 'unclean.leader.election.enable=false']
    create = java('topics', 'kafka.admin.TopicCommand', *topic, '--zookeeper', f'{address(1)}:2181/cluster')
    if create.wait() != 0:
        sys.exit('kafka-topics.sh failed')
    brokers = ','.join(f'{address(member)}:9092' for member in MEMBERS)
    client = ['java', f'@{ARCHIVES}/topics.args', f'-Dlog4j.configuration=file:{WORK}/log4j.properties']
    client += [f'-Dprogram.log={WORK}/client.log']
    produce = [*client, 'kafka.tools.ConsoleProducer', '--broker-list', brokers, '--topic', 'test']
    produce += ['--request-required-acks', '-1']
    subprocess.run(produce, input=b'message\n', check=True, stdout=subprocess.DEVNULL)
    consume = [*client, 'kafka.tools.ConsoleConsumer', '--bootstrap-server', brokers, '--topic', 'test']
    consume += ['--from-beginning', '--max-messages', '1', '--timeout-ms', '20000']
    received = subprocess.run(consume, check=True, stdout=subprocess.PIPE).stdout
    if received != b'message\n':
        sys.exit(f'received {received!r}')


def archive(program):
    classes = {}
    for path in sorted(WORK.glob(f'{program}*.classes')):
        classes.update(dict.fromkeys(path.read_text().splitlines()))
    listed = WORK / f'{program}.list'
    listed.write_text('\n'.join(classes) + '\n')
    dump = ['java', '-Xshare:dump', f'@{ARCHIVES}/{program}.args', f'-XX:SharedClassListFile={listed}']
    # It warns of each old class of log4j, which it leaves out
    dumped = subprocess.run(dump, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if dumped.returncode != 0:
        sys.exit(dumped.stdout)
    size = (ARCHIVES / f'{program}.jsa').stat().st_size
    print(f'{program}: {len(classes)} classes, {size >> 20} MiB', flush=True)


def main():
    WORK.mkdir()
    (WORK / 'log4j.properties').write_text(LOG4J)
    processes = []
    try:
        processes += [zookeeper(member) for member in MEMBERS]
        wait(serves, processes)
        brokers = [broker(member) for member in MEMBERS]
        processes += brokers
        wait(listens, brokers)
        round_trip()
    finally:
        # The lists are written while classes are loaded
        for process in processes:
            process.kill()
            process.wait()
    for program in ('zookeeper', 'kafka', 'topics'):
        archive(program)


main()
