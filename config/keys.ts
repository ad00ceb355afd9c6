import { CHANNEL_KINDS, chatNames, isSigning, listed } from './chats.ts'
import {
  absolutePath,
  anySeconds,
  choice,
  duration,
  exactText,
  flag,
  integer,
  labels,
  percent,
  secretText,
  section,
  sections,
  size,
  sizeOrAuto,
  text,
  texts,
} from './declaration.ts'

import { DUMPS } from './dumps.ts'
import { LANGUAGE_NAMES } from './languages.ts'
import { RECEIVER_KEYS } from './receivers/all.ts'
import { SEVERITIES } from './severities.ts'
import { symbolSource } from './symbol-sources.ts'

const NAMESPACES = 'namespaces such as [shop, pay]'

/**
 * Where container runtimes have their CRI socket: containerd, CRI-O, k3s and RKE2, k0s, MicroK8s,
 * cri-dockerd, and dockershim of old. Bottlerocket's host containers and Talos's system containerd hold no
 * pods.
 */
const CRI_SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/k0s/containerd.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
  '/run/cri-dockerd.sock',
  '/run/dockershim.sock',
]

/**
 * All that coredog.yaml may say: the parser reads by it, and docs/configuration.md is checked against it.
 * Keys of the original CoreDog keep its spelling, odd as it is; where its documents and its code disagreed,
 * both are here. New keys are in lower camel case.
 */
export const KEYS = section({
  cluster: text(
    '',
    'Name of this cluster in reports, messages, metrics and Events; empty: the first eight digits of the UID of `kube-system`',
  ),
  StorageConfig: section({
    enabled: flag('true', 'Has no effect: crashes are stored even when it is false'),
    protocol: choice(['s3', 'cos', 'oss', 'cfs'], 's3', 'Where cores go: `cfs` is a mounted directory'),
    s3AccesskeyID: secretText('Both keys empty: the AWS default chain, such as the instance profile'),
    s3SecretAccessKey: secretText('Goes with `s3AccesskeyID`'),
    sessionToken: secretText('Goes with the two, for temporary credentials'),
    s3Region: text('', 'Needed for AWS; else taken from the endpoint, or us-east-1'),
    S3Bucket: text('', 'For COS with the number of its owner at the end: `name-1250000000`'),
    S3Endpoint: text(
      '',
      'Host, host:port or URL. Without it: the own endpoint of AWS, COS or OSS for the region',
    ),
    addressing: choice(['auto', 'virtual', 'path'], 'auto', 'Where the bucket stands in a URL'),
    serverSideEncryption: choice(
      ['none', 'AES256', 'aws:kms', 'aws:kms:dsse'],
      'none',
      'Asked for with each object, for buckets whose policy demands it; `none`: as the bucket has it',
    ),
    kmsKeyId: text('', "For `aws:kms`: id or ARN of the key; empty: the bucket's, or that of the account"),
    CFSMountPath: absolutePath('', 'For `cfs`: where the file system is mounted on the nodes'),
    StoreDir: text('corefiles', 'Folder of all crashes in the bucket or file system; `/` is its root'),
    keyPrefix: choice(
      ['none', 'cluster'],
      'none',
      '`cluster`: crashes are in a folder of that name below `StoreDir`, so that clusters can share a bucket',
    ),
    PresignedURLExpireSeconds: anySeconds(
      'whole seconds from 1 to 604800',
      '3600',
      'How long a link in a message opens the core; 604800 is a week',
    ),
    DeleteLocalCorefile: flag('false', 'Fallback without kernel pipe: remove a core file once it is stored'),
    deleteLocalCorefile: flag('false', 'The same; one of the two is enough'),
  }),
  storage: section({
    patience: duration(
      '30s',
      'How long the store is asked again and again for one part, before the rest goes to the spool',
    ),
  }),
  network: section({
    caFile: text(
      '',
      'File with certificates (PEM) of authorities to trust as well; the installer brings it to the nodes',
    ),
    caBundle: exactText('The same certificates as text'),
    proxy: secretText('For store, chats and CoreSight: `http://user:password@host:port`, or `https://`'),
    noProxy: texts(
      'hosts, domains, addresses and networks such as [minio.example, 10.0.0.0/8]',
      isDestination,
      [],
      'Asked without the proxy, as are names of the cluster and the node itself',
    ),
  }),
  NoticeChannel: sections({
    chan: text('', chatNames()),
    webhookurl: secretText('The http(s) address that the chat gave for its robot'),
    keyword: exactText(
      'Tell this channel only if `/corefile/<namespace>/<pod>/<container>/<file>` contains it',
    ),
    namespaces: texts(
      'names of namespaces, in which * stands for any letters: [shop, team-*]',
      isNamespacePattern,
      [],
      'Of crashes in these alone; empty: of all. [channels.md](channels.md#who-hears-of-what)',
    ),
    labels: labels('Of pods alone that have all of these labels'),
    severity: choice(
      SEVERITIES,
      'all',
      '`new`: of the first crash of a bug, and of cores that are lost; `lost`: of cores that are lost or not whole',
    ),
    secret: secretText(`Signs the messages, for ${listed(CHANNEL_KINDS.filter(isSigning))}`),
    language: choice(
      ['default', ...LANGUAGE_NAMES],
      'default',
      'What messages of this channel are written in: English or Chinese; `default`: as `notify.language`',
    ),
    mention: texts(
      'one or several IDs of people or groups, as the chat has them',
      () => true,
      [],
      'Who is called by name when a new crash comes, or a core is lost: [channels.md](channels.md#whom-a-crash-calls)',
    ),
  }),
  downloadLink: choice(
    ['auto', 'presigned', 'command', 'none'],
    'auto',
    'How messages say where the core is: by links that open it without credentials, by `kubectl coredog debug`, which asks Kubernetes whether one may, or neither; `auto`: `command` where coredog-api is installed, else `presigned`. [security.md](security.md#links)',
  ),
  messageTemplate: exactText('Your own message, with variables such as `{pod.name}`; empty: ours'),
  messageLabels: labels('More variables for `messageTemplate`: `{key}` becomes the text'),
  notify: section({
    language: choice(LANGUAGE_NAMES, 'en', 'What messages are written in: `en`, English, or `zh`, Chinese'),
    links: sections({
      label: text('', 'What the link is called: `Grafana`'),
      url: text(
        '',
        'Where it leads, with values such as `{pod.name}`: [channels.md](channels.md#links-of-your-own)',
      ),
    }),
    detail: choice(
      ['full', 'frames', 'names'],
      'full',
      'How much chats are told; `frames`: nothing that the program itself said; `names`: no stack either. [security.md](security.md#what-a-chat-is-told)',
    ),
    logLines: integer(
      { min: 0, max: 50 },
      '0',
      'So many last lines of the container’s log stand in each message, whatever they are; 0: those alone that a runtime or libc wrote. [channels.md](channels.md#last-words)',
    ),
  }),
  CoreSight: section({
    enabled: flag('false', 'Report each stored core to CoreSight for analysis'),
    apiUrl: secretText('The http(s) address to post to'),
    natsUrl: secretText('Its older name; `apiUrl` wins'),
    token: secretText('Sent as bearer token'),
  }),
  CustomHandler: section({
    enabled: flag('false', 'Run a script of your own for each stored core'),
    script: exactText('Text of the script, run by bash'),
    timeout: duration('300s', 'How long the script may take; 0 is the default too'),
    skipDefaultNotify: flag('false', 'The script tells people: send no message'),
    skipCoreSight: flag('false', 'Do not report to CoreSight'),
  }),
  destinations: section(RECEIVER_KEYS),
  gc: flag('false', 'Fallback: with `gc_type: truncate`, empty a stored core file instead of removing it'),
  gc_type: choice(['rm', 'truncate'], 'rm', 'Only with `gc: true`'),
  CorefileDir: absolutePath('/corefile', 'Fallback: the directory that is watched for core files'),
  fallback: section({
    hostPath: flag(
      'false',
      'Mount a directory of the node into annotated pods, and collect the core files there',
    ),
    corePattern: flag(
      'false',
      'Have the kernel write core files into it, for nodes that cannot have a pipe; takes `hostPath` with it',
    ),
    dumpsDir: absolutePath('/data/coredog-system/dumps', 'That directory, on the nodes'),
    maxPodBytes: size(
      '20Gi',
      'Core files of one pod on its node; the oldest stored ones go first; 0: no limit',
    ),
    concurrency: integer({ min: 1, max: 64 }, '2', 'Core files stored at once on one node'),
    podSecurityDefault: choice(
      ['privileged', 'baseline', 'restricted'],
      'baseline',
      'Pod Security level of namespaces without a label for it, as the API server has it; only `privileged` allows a mount',
    ),
  }),
  collect: section({
    pods: choice(
      ['annotated', 'all', 'none'],
      'annotated',
      'Whose cores are kept; `annotated`: of pods with `coredog.io/inject: "true"`',
    ),
    includeNamespaces: texts(NAMESPACES, isNamespace, [], 'Only these; empty: every namespace'),
    excludeNamespaces: texts(NAMESPACES, isNamespace, [], 'Not these, even if included'),
    hostProcesses: choice(
      ['forward', 'collect', 'drop'],
      'forward',
      'Cores of processes outside of pods; `forward`: to the handler that was there before CoreDog. Pipe only: with files they leave none',
    ),
    arguments: choice(
      ['redacted', 'none'],
      'redacted',
      'Command lines in reports; `redacted`: with what looks like a secret replaced',
    ),
    logLines: integer(
      { min: 0, max: 200 },
      '200',
      'Last lines of the container’s log, stored as `log.txt` beside the report; 0: it is not read at all. [why.md](why.md#last-words)',
    ),
    binaries: choice(
      ['off', 'executable', 'modules'],
      'executable',
      'Programs kept beside cores, each once, for a debugger; `modules`: with their libraries. [storage.md](storage.md#programs)',
    ),
    scrub: choice(
      ['off', 'stacks', 'all'],
      'stacks',
      'Where in cores known secrets are blanked; `stacks`: in what a backtrace needs, and in the environment. [security.md](security.md#known-secrets-in-cores)',
    ),
    dump: choice(
      DUMPS,
      'full',
      'What is kept of a core; `stacks`: what a backtrace of each thread needs; `private`: all but shared memory. [How much of a core](#how-much-of-a-core)',
    ),
    dumpCeiling: choice(DUMPS, 'full', 'The most that is kept, whatever a pod asks for by `coredog.io/dump`'),
  }),
  symbols: texts(
    'folders such as _symbols, and debuginfod servers such as https://debuginfod.example, without a password',
    text => symbolSource(text) !== null,
    [],
    'Where names for stripped programs are, asked in this order: folders below `StoreDir`, debuginfod servers: [why.md](why.md#symbols-of-stripped-programs)',
  ),
  compression: choice(['gzip', 'zstd', 'none'], 'gzip', 'How a core is compressed'),
  compressionLevel: integer(
    { min: 1, max: 9 },
    '1',
    'From fast to small, for gzip and zstd; the crashed process waits for it, and 1 is meant for that',
  ),
  limits: section({
    maxCoreSize: size('0', 'A longer core is kept up to here and marked incomplete; 0: no limit'),
    maxHold: duration('0s', 'How long a crashed process may be held; 0: no limit'),
    leastHold: duration(
      '10s',
      'A pod that asks for less by `coredog.io/max-hold` has this; 0: whatever it asks for',
    ),
    salvage: size(
      '64Mi',
      'The most that is still kept of a core once neither the store nor the spool has room for it',
    ),
    concurrency: integer(
      { min: 1, max: 256 },
      '4',
      'Cores streamed at once on one node; others wait, and have their turns round by pods',
    ),
    maxWait: duration('10m', 'How long a crash waits for its turn before it is streamed all the same'),
    perWorkload: integer(
      { min: 0, max: 100_000 },
      '20',
      'Cores kept of one workload within an hour on one node; of later ones a report and a count; 0: no limit',
    ),
    memory: size('1Gi', 'Memory of the handlers of a node that read or send; at least 128Mi; 0: no limit'),
    readAhead: sizeOrAuto(
      'auto',
      'Memory of a node, beside `limits.memory`, into which cores are read before they are compressed and sent; at least 128Mi; 0: none. [Read ahead](#read-ahead)',
    ),
    binarySize: size('512Mi', 'A larger program is not kept; 0: no limit'),
    binariesPerNamespace: size('5Gi', 'Programs kept of one namespace, together; 0: no limit'),
  }),
  dedupe: section({
    window: duration('5m', 'Crashes of a workload at one site within this time are one case; 0: off'),
    keep: integer({ min: 1, max: 1000 }, '1', 'Cores kept of one case; of later ones a report and a count'),
    scope: choice(
      ['cluster', 'node'],
      'cluster',
      'Where crashes are compared: in the whole cluster, if the store has conditional writes, or on each node',
    ),
    after: choice(
      ['none', 'stacks'],
      'none',
      'What is kept of the core of a crash that is only counted, if it has a report; `stacks`: as of `collect.dump`',
    ),
  }),
  spool: section({
    dir: absolutePath('', 'Keeps on the node what the store does not take; empty: `spool` in `paths.state`'),
    maxBytes: size('20Gi', 'The most that it may hold; 0: no spool'),
    perNamespace: percent(
      '50%',
      'Share of it that crashes of one namespace may take; processes of the node count as one',
    ),
    keepFree: percent('15%', 'Share of its file system that stays free'),
  }),
  retention: section({
    by: choice(
      ['coredog', 'lifecycle'],
      'coredog',
      'Who removes them: `lifecycle` is a rule of the bucket, which `coredog-handler lifecycle` prints',
    ),
    maxAge: duration('0s', 'Stored crashes older than this are removed; 0: never'),
    maxCount: integer(
      { min: 0, max: 10_000_000 },
      '0',
      'Of each namespace so many crashes stay, the latest ones; 0: no limit',
    ),
    maxBytes: size('0', 'Of each namespace so much stays stored, the latest; 0: no limit'),
    minOfGroup: integer(
      { min: 0, max: 100 },
      '1',
      'So many cores of each bug, by `crash.group`, stay whatever their age: the latest ones; 0: none',
    ),
  }),
  quota: section({
    namespaceBytes: size(
      '0',
      'So much the crashes of a namespace may take in the store: of one that is full, stacks are kept in place of cores; 0: no limit',
    ),
  }),
  cri: section({
    sockets: texts(
      'paths that begin with /',
      isSocket,
      CRI_SOCKETS,
      'Sockets of the container runtime; empty: the known ones, listed below',
    ),
  }),
  paths: section({
    log: absolutePath('/var/log/coredog/handler.log', 'Log of the handler, on the node'),
    state: absolutePath('/var/lib/coredog', 'What has to survive a reboot of the node'),
    run: absolutePath('/run/coredog', 'What has not'),
  }),
  metrics: section({
    namespaces: flag(
      'false',
      'Whether `/metrics` says in which namespace and container something crashed: everybody in the network of the pods can read it',
    ),
  }),
  uninstallAfter: duration(
    '24h',
    'A node whose installer is gone for so long gets its old core_pattern back and loses the keys; 0: never',
  ),
})

/** A DNS label, RFC 1123: no pattern, so `team-*` is refused and not silently without effect. */
function isNamespace(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
}

function isNamespacePattern(pattern: string): boolean {
  return pattern.length <= 63 && /^[a-z\d*](?:[a-z\d*-]*[a-z\d*])?$/.test(pattern)
}

/** As `NO_PROXY` has them: one, or several with commas between them. */
function isDestination(text: string): boolean {
  return /^[\w.*:/[\], -]{1,1024}$/.test(text)
}

function isSocket(path: string): boolean {
  return /^(?:unix:\/\/)?\/[^\0]*$/.test(path)
}
