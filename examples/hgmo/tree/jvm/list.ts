/**
 * The jars of Kafka 1.1.0, ZooKeeper 3.4.11 and Jolokia 1.6.1 by their directory, with their SHA-256. Kafka's and ZooKeeper's
 * archives with these jars are not on Maven Central. They have other files, which no program of the cluster uses.
 */
export const jars: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/opt/kafka/libs': {
    'com.101tec:zkclient:0.10': '26e988b8bba838c724fd8350b331ee8b5ffc59c3a9c074df115c4c3a6c843878',
    'com.fasterxml.jackson.core:jackson-annotations:2.9.0':
      '45d32ac61ef8a744b464c54c2b3414be571016dd46bfc2bec226761cf7ae457a',
    'com.fasterxml.jackson.core:jackson-core:2.9.4':
      '66c2f96a70873328429c941a60f883173233f07a5e16e8b973d095ffc29f620c',
    'com.fasterxml.jackson.core:jackson-databind:2.9.4':
      'bc90a541c12a755dcff68ad88879cbf07aea90e45d8e411ffc8f73fbf3c3b362',
    'com.typesafe.scala-logging:scala-logging_2.11:3.7.2':
      '776cde6d41bbe78bc0c0613236dc3c0fdd23478466a09d3a3be2d2d09f09d061',
    'com.yammer.metrics:metrics-core:2.2.0':
      '6b7a14a6f34c10f8683f7b5e2f39df0f07b58c7dff0e468ebbc713905c46979c',
    'log4j:log4j:1.2.17': '1d31696445697720527091754369082a6651bd49781b6005deb94e56753406f9',
    'net.sf.jopt-simple:jopt-simple:5.0.4':
      'df26cc58f235f477db07f753ba5a3ab243ebe5789d9f89ecf68dd62ea9a66c28',
    'org.apache.kafka:kafka-clients:1.1.0':
      '449d2843081b666e91ac2df1bd4d9c90c6fd1fa8ea16e238869aa1a7abbddadf',
    'org.apache.kafka:kafka_2.11:1.1.0':
      'fbc4d6474c9eacfc2958a5a528f38b19100336e80a54410266489171edbb94f3',
    'org.apache.zookeeper:zookeeper:3.4.10':
      'caa38ce6b2f52c59c10b80f89abb544cc4279257805fc0c969010cbab1a11079',
    'org.lz4:lz4-java:1.4': '9ed51eb236340cab58780ed7d20741ff812bcb3875beb974fa7cf9ddea272358',
    'org.scala-lang:scala-library:2.11.12':
      '0b3d6fd42958ee98715ba2ec5fe221f4ca1e694d7c981b0ae0cd68e97baf6dce',
    'org.scala-lang:scala-reflect:2.11.12':
      '6ba385b450a6311a15c918cf8688b9af9327c6104f0ecbd35933cfcd3095fe04',
    'org.slf4j:slf4j-api:1.7.25':
      '18c4a0095d5c1da6b817592e767bb23d29dd2f560ad74df75ff3961dbde25b79',
    'org.slf4j:slf4j-log4j12:1.7.25':
      'ddb343954deb6f046f862606c534178730c02ed23d0b7f6ca1012c1e3fa74273',
    'org.xerial.snappy:snappy-java:1.1.7.1':
      'bb52854753feb1919f13099a53475a2a8eb65dbccd22839a9b9b2e1a2190b951',
  },
  '/opt/zookeeper': {
    'org.apache.zookeeper:zookeeper:3.4.11':
      '72d402ed238019b638aefb3b592ddde9c52cfbb7956aadcbd419b8c76febc1b1',
  },
  '/opt/zookeeper/lib': {
    'io.netty:netty:3.10.5.Final':
      'eb031acf8a00733481bcd60807925ecfc9ce3840f13823d4b96cdcb1132db1da',
    'jline:jline:0.9.94': 'd8df0ffb12d87ca876271cda4d59b3feb94123882c1be1763b7faf2e0a0b0cbb',
    'log4j:log4j:1.2.16': '7ae3fdde7ab0cae4735a2aec04381ad9b6e25c93d24205f3ed315d9866f12fe1',
    'org.apache.yetus:audience-annotations:0.5.0':
      'c82631f06c75d46bf6524d95f0d6c2e3aef1b3eb4a7b584ca296624ef0d474be',
    'org.slf4j:slf4j-api:1.6.1': 'd849d117fc3798838c6cd42db6a7ecf6d9ae050c3997417b8e4e251e592b1d3e',
    'org.slf4j:slf4j-log4j12:1.6.1':
      'cbae818e0d2e020f0c850c4b9c7c169b1ed99311da23e9a3efe66ce60e8795ba',
  },
  '/opt': {
    'org.jolokia:jolokia-jvm:1.6.1:agent':
      'cc0883217bfd96bb542b7a27c6ea14dda99d604d91dc700f9bb980f5d2a0e359',
  },
}

/** The name of a jar's file. */
export function fileOf(name: string): string {
  return `${name.split(':').slice(1).join('-')}.jar`
}

/** A class path of all jars of these directories, in this order. */
export function classPath(...directories: string[]): string {
  return directories
    .flatMap((path) => Object.keys(jars[path] ?? {}).map((name) => `${path}/${fileOf(name)}`))
    .join(':')
}
