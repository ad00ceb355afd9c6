import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { OperatorError } from '../../crash/errors.ts'

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/config')

const STORAGE = 'StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1}\n'

/** The error of a configuration, on one line each: what is wrong, and what to do. */
function refusal(text: string, secrets?: string): { message: string; hint: string } {
  try {
    parseConfig(text, secrets === undefined ? {} : { secrets })
  } catch (error) {
    assert.ok(error instanceof OperatorError, String(error))
    return { message: error.message, hint: error.hint }
  }
  return assert.fail('nothing was refused')
}

function warningsOf(text: string): string[] {
  return parseConfig(text).warnings.map(({ message }) => message)
}

describe('a configuration of the original CoreDog', () => {
  const load = (name: string) => parseConfig(readFileSync(path.join(FIXTURES, name), 'utf8'), { file: name })
  const s3 = {
    protocol: 's3',
    bucket: 'my-bucket',
    region: 'us-east-1',
    endpoint: null,
    credentials: { accessKeyId: 'your_ak', secretAccessKey: 'your_sk' },
    addressing: 'auto',
    patienceSeconds: 30,
    storeDir: 'corefiles',
    presignedUrlExpireSeconds: 3600,
  }
  const wechat = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key='

  it('parseConfig() loads the S3 example, which AWS answers at its regional endpoint', () => {
    const { config, warnings } = load('s3.yaml')
    assert.deepEqual(config.storage, s3)
    assert.deepEqual(warnings, [])
  })

  it('parseConfig() loads the COS example', () => {
    const { config, warnings } = load('cos.yaml')
    assert.deepEqual(config.storage, {
      ...s3,
      protocol: 'cos',
      bucket: 'my-bucket-1234567890',
      region: 'ap-nanjing',
      endpoint: 'https://cos.ap-nanjing.myqcloud.com',
    })
    assert.deepEqual(warnings, [])
  })

  it('parseConfig() loads the CFS example', () => {
    const { config, warnings } = load('cfs.yaml')
    assert.deepEqual(config.storage, {
      protocol: 'cfs',
      mountPath: '/mnt/cfs',
      storeDir: 'corefiles',
      patienceSeconds: 30,
    })
    assert.equal(config.fallback.deleteLocalCorefile, true)
    assert.deepEqual(warnings, [])
  })

  it('parseConfig() loads the example of the chart, with warnings for its doubled keys', () => {
    const { config, warnings } = load('values-inner.yaml')
    assert.deepEqual(config.storage, {
      ...s3,
      bucket: 'your-bucket',
      region: 'ap-nanjing',
      endpoint: 'https://cos.ap-nanjing.myqcloud.com',
      credentials: { accessKeyId: 'YOUR_ACCESS_KEY', secretAccessKey: 'YOUR_SECRET_KEY' },
    })
    assert.deepEqual(
      warnings.map(({ line, key }) => `${line} ${key}`),
      [
        '18 StorageConfig.S3Bucket',
        '18 StorageConfig.S3Bucket',
        '19 StorageConfig.S3Endpoint',
        '22 StorageConfig.DeleteLocalCorefile',
      ],
    )
    assert.deepEqual(
      warnings.slice(0, 2).map(({ message }) => message),
      [
        'values-inner.yaml:18: StorageConfig.S3Bucket is there twice, in line 9 too: this one counts',
        'values-inner.yaml:18: StorageConfig.S3Bucket has no APPID at its end: buckets of COS are called name-1250000000',
      ],
    )
  })

  it('parseConfig() loads the WeCom example', () => {
    const { config, warnings } = load('notice-wechat.yaml')
    assert.deepEqual(config.notice.channels, [
      { kind: 'wechat', webhookUrl: `${wechat}xxx`, keyword: '', secret: null },
    ])
    assert.deepEqual(warnings, [])
  })

  it('parseConfig() loads the Slack example', () => {
    const { config, warnings } = load('notice-slack.yaml')
    assert.deepEqual(config.notice.channels, [
      { kind: 'slack', webhookUrl: 'https://hooks.slack.com/services/xxx', keyword: '', secret: null },
    ])
    assert.deepEqual(warnings, [])
  })

  it('parseConfig() loads the example of several channels and a message', () => {
    const { config, warnings } = load('notice-many.yaml')
    assert.deepEqual(config.notice, {
      channels: [
        { kind: 'wechat', webhookUrl: `${wechat}ALL`, keyword: '', secret: null },
        { kind: 'wechat', webhookUrl: `${wechat}PROD`, keyword: 'production', secret: null },
      ],
      messageTemplate:
        '🚨 应用崩溃\nPod: {pod.namespace}/{pod.name}\n节点: {pod.node}\n文件: {corefile.filename}\n下载: {corefile.url}\n',
      messageLabels: {},
    })
    assert.deepEqual(warnings, [])
  })

  it('parseConfig() loads every key', () => {
    const { config, warnings } = load('everything.yaml')
    assert.deepEqual(config.storage, {
      ...s3,
      bucket: 'crashes',
      region: 'eu-central-1',
      endpoint: 'https://s3.eu-central-1.amazonaws.com',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
      presignedUrlExpireSeconds: 86_400,
    })
    assert.deepEqual(config.notice, {
      channels: [
        { kind: 'wechat', webhookUrl: `${wechat}KEY`, keyword: '2026', secret: null },
        { kind: 'slack', webhookUrl: 'https://hooks.slack.com/services/KEY', keyword: '', secret: null },
      ],
      messageTemplate: '{pod.name} on {cluster}',
      messageLabels: { cluster: 'production', rack: '7' },
    })
    assert.deepEqual(config.coreSight, {
      enabled: true,
      url: 'http://coresight-api.default.svc.cluster.local:8000',
      token: 'agent-token',
    })
    assert.deepEqual(config.customHandler, {
      enabled: true,
      script: '#!/bin/bash\necho "$COREDUMP_URL"\n',
      timeoutSeconds: 60,
      skipDefaultNotify: true,
      skipCoreSight: true,
    })
    assert.deepEqual(config.fallback, {
      ...FALLBACK,
      deleteLocalCorefile: true,
      deleteBy: 'truncate',
    })
    assert.deepEqual(warnings, [])
  })
})

const FALLBACK = {
  hostPath: false,
  corePattern: false,
  dumpsDir: '/data/coredog-system/dumps',
  maxPodBytes: 20 * 2 ** 30,
  concurrency: 2,
  podSecurityDefault: 'baseline',
  corefileDir: '/corefile',
}

it('parseConfig() mounts the directory that a file core_pattern writes to', () => {
  const { config } = parseConfig(`${STORAGE}\nfallback: {corePattern: true}`)
  assert.equal(config.fallback.hostPath, true)
})

it('parseConfig() refuses a dumps directory that is one of the node itself', () => {
  for (const dumpsDir of ['/', '/var']) {
    const text = `${STORAGE}\nfallback: {dumpsDir: ${dumpsDir}}`
    assert.throws(() => parseConfig(text), /fallback\.dumpsDir is "\/(var)?", a directory of the node itself/)
  }
})

it('parseConfig() fills in the defaults', () => {
  const { config, warnings } = parseConfig(STORAGE)
  assert.deepEqual(config, {
    cluster: null,
    storage: {
      protocol: 's3',
      bucket: 'crashes',
      region: 'eu-central-1',
      endpoint: null,
      credentials: null,
      addressing: 'auto',
      patienceSeconds: 30,
      storeDir: 'corefiles',
      presignedUrlExpireSeconds: 3600,
    },
    network: { authorities: [], caFile: '', proxy: null, noProxy: [] },
    notice: { channels: [], messageTemplate: null, messageLabels: {} },
    collect: {
      pods: 'annotated',
      includeNamespaces: [],
      excludeNamespaces: [],
      hostProcesses: 'forward',
      arguments: 'redacted',
      logLines: 200,
      binaries: 'executable',
      scrub: 'stacks',
      dump: 'full',
      dumpCeiling: 'full',
    },
    symbols: [],
    compression: 'gzip',
    compressionLevel: 1,
    limits: {
      maxCoreBytes: 0,
      maxHoldSeconds: 0,
      leastHoldSeconds: 10,
      salvageBytes: 64 * 2 ** 20,
      concurrency: 4,
      maxWaitSeconds: 600,
      perWorkload: 20,
      memoryBytes: 2 ** 30,
      readAheadBytes: 'auto',
      binaryBytes: 512 * 2 ** 20,
      binariesPerNamespaceBytes: 5 * 2 ** 30,
    },
    dedupe: { windowSeconds: 300, keep: 1, scope: 'cluster', after: 'none' },
    spool: { dir: '/var/lib/coredog/spool', maxBytes: 20 * 2 ** 30, perNamespace: 0.5, keepFree: 0.15 },
    retention: { by: 'coredog', maxAgeSeconds: 0, maxCount: 0, maxBytes: 0, minOfGroup: 1 },
    quota: { namespaceBytes: 0 },
    runtime: {
      sockets: [
        '/run/containerd/containerd.sock',
        '/run/crio/crio.sock',
        '/run/k3s/containerd/containerd.sock',
        '/run/k0s/containerd.sock',
        '/var/snap/microk8s/common/run/containerd.sock',
        '/run/cri-dockerd.sock',
        '/run/dockershim.sock',
      ],
    },
    paths: { log: '/var/log/coredog/handler.log', state: '/var/lib/coredog', run: '/run/coredog' },
    coreSight: { enabled: false, url: null, token: null },
    customHandler: {
      enabled: false,
      script: '',
      timeoutSeconds: 300,
      skipDefaultNotify: false,
      skipCoreSight: false,
    },
    receivers: [],
    fallback: { ...FALLBACK, deleteLocalCorefile: false, deleteBy: 'rm' },
    metrics: { namespaces: false },
    uninstallAfterSeconds: 86_400,
  })
  assert.deepEqual(warnings, [])
})

it('parseConfig() takes a key left empty for one that is not written', () => {
  const empty = `${STORAGE}NoticeChannel:\ngc:\ngc_type: ""\nlimits: {maxCoreSize: "", concurrency: ~}\ncollect: {includeNamespaces: []}\ncri: {sockets: []}\n`
  assert.deepEqual(parseConfig(empty), parseConfig(STORAGE))
})

it('parseConfig() reads the new keys', () => {
  const { config, warnings } = parseConfig(`${STORAGE}
collect: {pods: all, includeNamespaces: [shop, 42], excludeNamespaces: kube-system, hostProcesses: drop, arguments: none, logLines: 0, binaries: modules, scrub: all, dump: stacks, dumpCeiling: private}
compression: zstd
compressionLevel: 9
storage: {patience: 2m}
limits: {maxCoreSize: 64Gi, maxHold: 1h30m, salvage: 1Mi, concurrency: 8, perWorkload: 100, memory: 1Gi, readAhead: 2Gi, binarySize: 1Gi, binariesPerNamespace: 0}
dedupe: {window: 0, keep: 3, after: stacks}
spool: {maxBytes: 512Mi, perNamespace: 25%, keepFree: 7.5%}
retention: {maxAge: 30d, maxCount: 500, maxBytes: 1Ti, minOfGroup: 2}
cri: {sockets: ["unix:///run/a.sock", /run/b.sock]}
paths: {log: /srv/log, state: /srv/state/, run: /srv/run}
metrics: {namespaces: yes}
uninstallAfter: 7d
`)
  assert.deepEqual(config.collect, {
    pods: 'all',
    includeNamespaces: ['shop', '42'],
    excludeNamespaces: ['kube-system'],
    hostProcesses: 'drop',
    arguments: 'none',
    logLines: 0,
    binaries: 'modules',
    scrub: 'all',
    dump: 'stacks',
    dumpCeiling: 'private',
  })
  assert.equal(config.compression, 'zstd')
  assert.equal(config.compressionLevel, 9)
  assert.deepEqual(config.limits, {
    maxCoreBytes: 64 * 2 ** 30,
    maxHoldSeconds: 5400,
    leastHoldSeconds: 10,
    salvageBytes: 2 ** 20,
    maxWaitSeconds: 600,
    perWorkload: 100,
    concurrency: 8,
    memoryBytes: 2 ** 30,
    readAheadBytes: 2 ** 31,
    binaryBytes: 2 ** 30,
    binariesPerNamespaceBytes: 0,
  })
  assert.deepEqual(config.dedupe, { windowSeconds: 0, keep: 3, scope: 'cluster', after: 'stacks' })
  assert.deepEqual(config.spool, {
    dir: '/srv/state/spool',
    maxBytes: 512 * 2 ** 20,
    perNamespace: 0.25,
    keepFree: 0.075,
  })
  assert.deepEqual(config.retention, {
    by: 'coredog',
    maxAgeSeconds: 30 * 86_400,
    maxCount: 500,
    maxBytes: 2 ** 40,
    minOfGroup: 2,
  })
  assert.deepEqual(config.runtime, { sockets: ['unix:///run/a.sock', '/run/b.sock'] })
  assert.deepEqual(config.paths, { log: '/srv/log', state: '/srv/state', run: '/srv/run' })
  assert.deepEqual(config.metrics, { namespaces: true })
  assert.equal(config.uninstallAfterSeconds, 7 * 86_400)
  assert.deepEqual(warnings, [])
})

it('parseConfig() takes 0 for no limit of memory, and for never uninstalling', () => {
  const { config, warnings } = parseConfig(`${STORAGE}limits: {memory: 0}\nuninstallAfter: 0`)
  assert.equal(config.limits.memoryBytes, 0)
  assert.equal(config.uninstallAfterSeconds, 0)
  assert.deepEqual(warnings, [])
})

it('parseConfig() takes auto and 0 for what is read ahead', () => {
  for (const [written, readAheadBytes] of [
    ['AUTO', 'auto'],
    ['0', 0],
    ['128Mi', 2 ** 27],
  ] as const)
    assert.equal(
      parseConfig(`${STORAGE}limits: {readAhead: ${written}}`).config.limits.readAheadBytes,
      readAheadBytes,
    )
})

it('parseConfig() warns of an absence of the installer that an update can take', () => {
  const { config, warnings } = parseConfig(`${STORAGE}uninstallAfter: 5m`)
  assert.equal(config.uninstallAfterSeconds, 300)
  assert.match(warnings[0]?.message ?? '', /^coredog\.yaml:2: uninstallAfter is less than 10m: /)
})

describe('values as YAML 1.1 and the Go decoder took them', () => {
  for (const written of ['true', 'yes', 'Yes', 'on', 'y', 'TRUE', '"true"']) {
    it(`parseConfig() takes ${written} for true`, () => {
      const { fallback } = parseConfig(
        `StorageConfig: {protocol: cfs, CFSMountPath: /c, deleteLocalCorefile: ${written}}`,
      ).config
      assert.equal(fallback.deleteLocalCorefile, true)
    })
  }

  for (const written of [
    '123',
    '0123',
    '1.50',
    'true',
    'yes',
    '2026-01-01',
    '0x1F',
    '1e3',
    '12345678901234567890123',
    '!!str 7',
  ]) {
    it(`parseConfig() takes ${written} for the text it is written as`, () => {
      const text = `${STORAGE}NoticeChannel: [{chan: slack, webhookurl: http://h, keyword: ${written}}]`
      assert.equal(parseConfig(text).config.notice.channels[0]?.keyword, written.replace('!!str ', ''))
    })
  }

  it('parseConfig() merges what << refers to', () => {
    const { config } = parseConfig(`x: &base {chan: slack, webhookurl: http://h, keyword: a}
NoticeChannel: [{<<: *base, keyword: b}, *base]
${STORAGE}`)
    assert.deepEqual(
      config.notice.channels.map(({ keyword }) => keyword),
      ['b', 'a'],
    )
  })

  it('parseConfig() reads the first of several documents', () => {
    const { config, warnings } = parseConfig(`${STORAGE}---\ngc: maybe\n`)
    assert.equal(config.storage.protocol, 's3')
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['coredog.yaml:2: what follows "---" is ignored'],
    )
  })
})

describe('keys that are not known', () => {
  const unknown = {
    'foo: 1': 'coredog.yaml:2: foo is not a key of CoreDog and is ignored',
    'noticeChannel: []':
      'coredog.yaml:2: noticeChannel is not a key of CoreDog and is ignored; did you mean NoticeChannel?',
    's3Bucket: a':
      'coredog.yaml:2: s3Bucket is not a key of CoreDog and is ignored; did you mean StorageConfig.S3Bucket?',
    'collect:\n  pod: all':
      'coredog.yaml:3: collect.pod is not a key of CoreDog and is ignored; did you mean collect.pods?',
    'limits: {colour: true}': 'coredog.yaml:2: limits.colour is not a key of CoreDog and is ignored',
    'NoticeChannel: [{chan: slack, webhookurl: http://h, webhookUrl: http://i}]':
      'coredog.yaml:2: NoticeChannel[0].webhookUrl is not a key of CoreDog and is ignored; did you mean NoticeChannel[0].webhookurl?',
    '__proto__: {polluted: 1}': 'coredog.yaml:2: __proto__ is not a key of CoreDog and is ignored',
    'toString: 1': 'coredog.yaml:2: toString is not a key of CoreDog and is ignored',
    '? [a]\n: 1': 'coredog.yaml:2: ? is not a key of CoreDog and is ignored',
  }

  for (const [text, warning] of Object.entries(unknown)) {
    it(`parseConfig() warns of ${JSON.stringify(text)}`, () => {
      assert.deepEqual(warningsOf(`${STORAGE}${text}\n`), [warning])
    })
  }

  it('parseConfig() does not show what a forgotten space made a part of the key', () => {
    const { message } = refusal(
      'StorageConfig: {s3SecretAccessKey:hunter2, S3Bucket: b, s3Region: r, s3AccesskeyID: a}',
    )
    assert.equal(
      message,
      'Cannot use "coredog.yaml": line 1: StorageConfig.s3SecretAccessKey is not set, but other credentials are, but there is "StorageConfig.s3SecretAccessKey", which is not the same key',
    )
  })

  it('parseConfig() warns of 20, and counts the others', () => {
    const many = Array.from({ length: 1000 }, (_, at) => `k${at}: 1\n`).join('')
    const warnings = warningsOf(`${STORAGE}${many}`)
    assert.equal(warnings.length, 21)
    assert.equal(warnings.at(-1), 'coredog.yaml: there are 980 more warnings')
  })
})

describe('values that are not allowed', () => {
  const wrong: Record<string, readonly [message: string, hint: string]> = {
    'limits:\n  maxCoreSize: 64 gigs': [
      'line 3: limits.maxCoreSize is "64 gigs"; allowed: bytes, or a number with Ki, Mi, Gi, Ti, k, M, G or T, such as 64Gi',
      'Correct line 3 of coredog.yaml, or leave limits.maxCoreSize out: its default is 0.',
    ],
    'limits: {maxHold: 5 minutes}': [
      'line 2: limits.maxHold is "5 minutes"; allowed: seconds, or numbers with d, h, m, s or ms, such as 5m or 1h30m',
      'Correct line 2 of coredog.yaml, or leave limits.maxHold out: its default is 0s.',
    ],
    'spool: {keepFree: 15}': [
      'line 2: spool.keepFree is "15"; allowed: a share from 0% to 100%, such as 15%',
      'Correct line 2 of coredog.yaml, or leave spool.keepFree out: its default is 15%.',
    ],
    'limits: {concurrency: 0}': [
      'line 2: limits.concurrency is "0"; allowed: a whole number from 1 to 256',
      'Correct line 2 of coredog.yaml, or leave limits.concurrency out: its default is 4.',
    ],
    'limits: {readAhead: 512}': [
      'line 2: limits.readAhead is 512 bytes, of which no core can have a share; allowed: auto, 0, or 128Mi and more',
      'Write the unit, such as 512Mi.',
    ],
    'limits: {memory: 512}': [
      'line 2: limits.memory is 512 bytes, in which no handler can run; allowed: 0, or 128Mi and more',
      'Write the unit, such as 512Mi.',
    ],
    'retention: {maxAge: 30}': [
      'line 2: retention.maxAge is 30 s, after which nobody has looked at a crash; allowed: 0, or 1h and more',
      'Write the unit, such as 30d.',
    ],
    'gc: maybe': [
      'line 2: gc is "maybe"; allowed: true or false',
      'Correct line 2 of coredog.yaml, or leave gc out: its default is false.',
    ],
    'compression: lzma': [
      'line 2: compression is "lzma"; allowed: gzip, zstd, none',
      'Correct line 2 of coredog.yaml, or leave compression out: its default is gzip.',
    ],
    'compressionLevel: 10': [
      'line 2: compressionLevel is "10"; allowed: a whole number from 1 to 9',
      'Correct line 2 of coredog.yaml, or leave compressionLevel out: its default is 1.',
    ],
    'spool: {dir: spool}': [
      'line 2: spool.dir is "spool"; allowed: a path that begins with /',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'collect: {includeNamespaces: [shop, "team-*"]}': [
      'line 2: collect.includeNamespaces holds "team-*"; allowed: namespaces such as [shop, pay]',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'collect: {includeNamespaces: [[shop]]}': [
      'line 2: collect.includeNamespaces is a list; allowed: namespaces such as [shop, pay]',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'cri: {sockets: [containerd.sock]}': [
      'line 2: cri.sockets holds "containerd.sock"; allowed: paths that begin with /',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'limits: none': [
      'line 2: limits is text; allowed: keys of its own, indented below it',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'NoticeChannel: {chan: slack}': [
      'line 2: NoticeChannel is a group of keys; allowed: a list, each item of which begins with "- "',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'NoticeChannel:\n- slack': [
      'line 3: NoticeChannel[0] is text; allowed: keys of its own, indented below it',
      'Correct line 3 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'NoticeChannel:\n- chan: slack\n  webhookurl: hooks.slack.com/services/KEY': [
      'line 4: NoticeChannel[0].webhookurl is a value that is not shown; allowed: a URL that begins with http:// or https://',
      'Copy NoticeChannel[0].webhookurl again from where it was given, as one line in quotes.',
    ],
    'CoreSight: {enabled: true, natsUrl: "nats://user:password@host"}': [
      'line 2: CoreSight.natsUrl is a value that is not shown; allowed: a URL that begins with http:// or https://',
      'Copy CoreSight.natsUrl again from where it was given, as one line in quotes.',
    ],
    'messageLabels: [a]': [
      'line 2: messageLabels is a list; allowed: keys of your own, each with a text',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'messageLabels: {a: {b: c}}': [
      'line 2: messageLabels.a is a group of keys; allowed: text',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'messageTemplate: [a]': [
      'line 2: messageTemplate is a list; allowed: text',
      'Correct line 2 of coredog.yaml; docs/configuration.md shows how.',
    ],
    'gc_type: "a\\nb\\u001b[31m"': [
      'line 2: gc_type is "a\\nb\\u001b[31m"; allowed: rm, truncate',
      'Correct line 2 of coredog.yaml, or leave gc_type out: its default is rm.',
    ],
    'gc_type: *rm': [
      'line 2: gc_type refers to an anchor that is not above it',
      'Define the anchor (&name) above its use (*name), or quote a value that begins with *.',
    ],
  }

  for (const [text, [message, hint]] of Object.entries(wrong)) {
    it(`parseConfig() refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(refusal(STORAGE + text), { message: `Cannot use "coredog.yaml": ${message}`, hint })
    })
  }

  it('parseConfig() tells the first by line, and how many more there are', () => {
    const text =
      'limits: {maxHold: x, concurrency: x}\ngc: x\ncompression: x\nStorageConfig: {protocol: ftp}\n'
    assert.match(refusal(text).message, /line 1: limits\.maxHold .* \(and 4 more to correct\)$/)
  })

  it('parseConfig() cuts a long value', () => {
    assert.match(refusal(`${STORAGE}gc: ${'x'.repeat(10_000)}`).message, /gc is "x{60}…"; allowed/)
  })
})

describe('texts that are no YAML', () => {
  const broken: Record<string, readonly [message: string, hint: RegExp]> = {
    'a:\n\tb: 1': ['line 2, column 1: a tab is used for indentation', /spaces/],
    'StorageConfig:\n  gc: "hunter2': [
      'line 2, column 15: something is missing: a closing quote or bracket, a comma, or ": " after a key',
      /quote/,
    ],
    'a: [1\nb: 2': ['line 2, column 1: the indentation does not fit what is above', /Indent/],
    's3SecretAccessKey: hunter2: x': ['line 1, column 20: a second ": " stands in one line', /Quote/],
    's3SecretAccessKey: @hunter2': ['line 1, column 20: a value cannot begin with this character', /quotes/],
    's3SecretAccessKey: "\\qhunter2"': [
      'line 1, column 21: a backslash in double quotes stands before a character that it cannot escape',
      /single quotes/,
    ],
    's3SecretAccessKey: "hun" ter2': ['line 1, column 26: this does not belong here', /indentation/],
    's3SecretAccessKey: !hunter2!x y': ['line 1, column 20: this is no YAML', /Look/],
    'a: &a [*a]': ['line 1: a[0] refers to an anchor that is not above it', /anchor/],
    '- a': ['the file holds a list; allowed: keys of its own, indented below it', /configuration\.md/],
    'no configuration': [
      'the file holds text; allowed: keys of its own, indented below it',
      /configuration\.md/,
    ],
  }

  for (const [text, [message, hint]] of Object.entries(broken)) {
    it(`parseConfig() refuses ${JSON.stringify(text)}`, () => {
      const found = refusal(text)
      assert.equal(
        found.message.replace(/ \(and \d+ more to correct\)$/, ''),
        `Cannot use "coredog.yaml": ${message}`,
      )
      assert.match(found.hint, hint)
      assert.doesNotMatch(found.message + found.hint, /hunter/)
    })
  }

  it('parseConfig() survives what is nested too deeply', () => {
    assert.match(refusal('['.repeat(100_000)).message, /too much is nested here/)
    assert.match(refusal('a: {'.repeat(100_000)).message, /too much is nested here/)
  })

  it('parseConfig() survives references to references', () => {
    const bomb = Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join(
      '',
    )
    assert.equal(parseConfig(`a0: &a0 x\n${bomb}${STORAGE}`).config.storage.protocol, 's3')
  })

  it('parseConfig() survives merges of merges', () => {
    const bomb = Array.from(
      { length: 40 },
      (_, at) => `a${at + 1}: &a${at + 1} {<<: [*a${at}, *a${at}]}\n`,
    ).join('')
    assert.equal(parseConfig(`a0: &a0 {x: 1}\n${bomb}${STORAGE}`).config.storage.protocol, 's3')
  })

  it('parseConfig() refuses more than 100 references', () => {
    const many = Array.from({ length: 200 }, () => '*a').join(', ')
    assert.match(
      refusal(`a: &a x\nb: [${many}]\n${STORAGE}`).message,
      /line 2: b\[100\] is one reference \(\*name\) more/,
    )
  })
})

describe('secrets', () => {
  it('parseConfig() puts them over the configuration, key by key and item by item', () => {
    const { config } = parseConfig(
      `${STORAGE}NoticeChannel: [{chan: slack, keyword: a}, {chan: feishu, webhookurl: http://old}]\nmessageLabels: {a: 1, b: 2}`,
      {
        secrets: `StorageConfig: {s3AccesskeyID: id, s3SecretAccessKey: "key\\n", S3Bucket: ""}
NoticeChannel: [{webhookurl: http://first}, {webhookurl: http://new, secret: s}]
messageLabels: {b: 3}
CoreSight:`,
      },
    )
    assert.ok(config.storage.protocol === 's3')
    assert.equal(config.storage.bucket, 'crashes')
    assert.deepEqual(config.storage.credentials, { accessKeyId: 'id', secretAccessKey: 'key' })
    assert.deepEqual(config.notice.channels, [
      { kind: 'slack', webhookUrl: 'http://first', keyword: 'a', secret: null },
      { kind: 'feishu', webhookUrl: 'http://new', keyword: '', secret: 's' },
    ])
    assert.deepEqual({ ...config.notice.messageLabels }, { a: '1', b: '3' })
  })

  it('parseConfig() names the file in which something is wrong', () => {
    assert.match(refusal(STORAGE, 'gc: x').message, /^Cannot use "coredog-secrets\.yaml": line 1: gc is "x"/)
    assert.match(
      refusal(`${STORAGE}gc_type: x`, 'gc: x').message,
      /^Cannot use "coredog\.yaml": line 2: gc_type .* \(and 1 more/,
    )
  })

  it('parseConfig() points to where the value that counts was written', () => {
    const pointed = (text: string, secrets: string) =>
      refusal(`StorageConfig:\n  s3Region: r\n  S3Bucket: ${text}\n`, `StorageConfig: {S3Bucket: ${secrets}}`)
        .message
    assert.match(pointed('a', 'b/c'), /coredog-secrets\.yaml": line 1: StorageConfig\.S3Bucket is "b\/c"/)
    assert.match(pointed('a/b', '""'), /coredog\.yaml": line 3: StorageConfig\.S3Bucket is "a\/b"/)
  })
})

it('parseConfig() empties core files only where gc says so too', () => {
  const deleteBy = (text: string) => parseConfig(STORAGE + text).config.fallback.deleteBy
  assert.equal(deleteBy('gc_type: truncate'), 'rm')
  assert.equal(deleteBy('gc: true\ngc_type: truncate'), 'truncate')
})

it('parseConfig() has crashes tagged where a rule of the bucket removes them, and only there', () => {
  const s3 = 'StorageConfig: {protocol: s3, S3Bucket: crashes, s3Region: eu-central-1}'
  const tags = (yaml: string) => {
    const { storage } = parseConfig(`${s3}\n${yaml}`).config
    return 'tagsCrashes' in storage
  }
  assert.equal(tags('retention: {by: lifecycle, maxAge: 30d}'), true)
  assert.equal(tags('retention: {maxAge: 30d}'), false)
  assert.throws(() => tags('retention: {by: lifecycle}'), /retention.maxAge is no number of days/)
  assert.throws(() => tags('retention: {by: lifecycle, maxAge: 36h}'), /retention.maxAge is no number/)
  const cfs = 'StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\nretention: {by: lifecycle, maxAge: 1d}'
  assert.throws(() => parseConfig(cfs), /retention.by is lifecycle, which is for protocol s3/)
  const { warnings } = parseConfig(`${s3}\nretention: {by: lifecycle, maxAge: 1d, maxCount: 5}`)
  assert.match(warnings.map(({ message }) => message).join(), /retention.maxCount has no effect with/)
})
