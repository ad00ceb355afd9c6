import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { pino } from 'pino'
import { parse } from 'yaml'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/parse-config.ts'
import { FILE_PATTERN } from '../installer/node/capture-mode.ts'
import { openNotifier } from '../notify/open-notifier.ts'
import { expandTemplate } from '../notify/template.ts'
import { admit } from '../webhook/admission/admission.ts'
import type { JsonPatch } from '../webhook/admission/json-patch.ts'
import { KERNEL_FOLDER } from '../webhook/state.ts'
import { type FakeChat, startFakeChat } from './fakes/fake-chat.ts'
import { LINK, sampleNotification } from './notify/sample-notification.ts'
import { applyPatch } from './webhook/admission/apply-patch.ts'
import type { PodJson } from './webhook/admission/pods.ts'

/** What the original's own users bring: it has to go on as it was. */
const FIXTURES = path.join(import.meta.dirname, 'fixtures/original')

const FILE = 'core.server.1.web-0.1765567205'
const NOTICE = sampleNotification({ corefilePath: `/corefile/prod/web-0/app/${FILE}`, fromFile: true })

function read(name: string): string {
  return readFileSync(path.join(FIXTURES, name), 'utf8')
}

/** The configuration within the chart's values: a text, as ever. */
function valuesConfig(): Config {
  const { config, warnings } = parseConfig(parse(read('values.yaml')).config.coredog)
  assert.deepEqual(warnings, [])
  return config
}

function textOf({ notice: notification }: Config): string {
  const spans = expandTemplate(notification.messageTemplate ?? '', notification.messageLabels, NOTICE)
  return spans.map(({ text }) => text).join('')
}

it('parseConfig() takes the original values.yaml, and the webhook mounts nothing: the kernel has a pipe (C1, A70)', () => {
  const { storage, notice: notification, fallback, coreSight, customHandler, collect } = valuesConfig()
  assert.deepEqual(storage, {
    protocol: 's3',
    bucket: 'your-bucket-1234567890',
    region: 'ap-nanjing',
    endpoint: 'https://cos.ap-nanjing.myqcloud.com',
    credentials: { accessKeyId: 'YOUR_ACCESS_KEY', secretAccessKey: 'YOUR_SECRET_KEY' },
    addressing: 'auto',
    patienceSeconds: 30,
    storeDir: 'corefiles',
    presignedUrlExpireSeconds: 3600,
  })
  assert.deepEqual(
    notification.channels.map(({ kind, keyword }) => [kind, keyword]),
    [['wechat', '']],
  )
  const { hostPath, corePattern, dumpsDir, corefileDir, deleteLocalCorefile, deleteBy } = fallback
  assert.deepEqual([hostPath, corePattern, deleteLocalCorefile, deleteBy], [false, false, true, 'rm'])
  assert.deepEqual([dumpsDir, corefileDir], ['/data/coredog-system/dumps', '/corefile'])
  assert.deepEqual([coreSight.enabled, customHandler.enabled, collect.pods], [false, false, 'annotated'])
})

it('parseConfig() takes CoreSight and CustomHandler as the documents spell them (A51, A66)', () => {
  const { coreSight, customHandler } = parseConfig(read('wording.yaml')).config
  assert.deepEqual(coreSight, { enabled: true, url: 'http://coresight-api:8000', token: 'your-agent-token' })
  assert.deepEqual(customHandler, {
    enabled: true,
    script: 'echo "$COREDUMP_URL"\n',
    timeoutSeconds: 300,
    skipDefaultNotify: false,
    skipCoreSight: false,
  })
})

it("expandTemplate() writes of a core from a file what the original's chart had it write (A61, A62)", () => {
  assert.equal(
    textOf(valuesConfig()),
    `🚨 **应用崩溃告警**\n\n📦 Namespace: \`prod\`\n🏷️  Pod: \`web-0\`\n🖥️  Node: \`10.0.1.7\`\n📥 下载: ${LINK}\n`,
  )
})

it('expandTemplate() means by every variable and label what the original meant (A61)', () => {
  assert.equal(
    textOf(parseConfig(read('wording.yaml')).config),
    [
      '🚨 应用崩溃 nanjing @prod',
      'Pod: prod/web-0 0f8fad5b-d9cb-469f-a165-70867728950e',
      '节点: 10.0.1.7 10.0.1.7',
      `文件: ${FILE} /corefile/prod/web-0/app/${FILE}`,
      `下载: ${LINK} {Cluster} {pod.labels}`,
      '',
    ].join('\n'),
  )
})

it('docs/migration.md tells of everything that the original did in webhook, watcher, messages and CoreSight', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../docs/migration.md'), 'utf8')
  const told = new Set([...text.matchAll(/^\| A(\d+) \|/gm)].map(([, row]) => Number(row)))
  const all = [...range(31, 41), ...range(42, 51), ...range(59, 62), ...range(63, 69)]
  assert.deepEqual(
    all.filter(row => !told.has(row)),
    [],
  )
})

it('docs/migration.md, in both languages, leads on from each section of its README', () => {
  for (const file of ['docs/migration.md', 'docs/zh-CN/migration.md']) {
    const text = readFileSync(path.join(import.meta.dirname, '..', file), 'utf8')
    const rows = text.split('\n').filter(line => /^\| .*\]\(/.test(line))
    const led = SECTIONS.filter(section => rows.some(row => row.split('|')[1]?.includes(section)))
    assert.deepEqual(led, SECTIONS, file)
  }
})

const SECTIONS = [
  ...['简介', '安装 CoreDog', '配置节点', '应用接入'],
  ...['存储方案选择', 'S3 配置示例', 'COS 配置示例', 'CFS 配置示例', 'values.yaml 必填配置'],
  ...['Annotations 配置', '路径安全限制', '单容器', '多容器', '自定义路径', '架构说明'],
  ...['验证注入', '测试收集', 'Pod 未被注入', 'Core Dump 未被检测', 'Pod 信息识别失败', '本地文件未清理'],
  ...['企业微信', 'Slack', '多渠道 + 过滤', '自定义消息'],
  ...['查看已开启 CoreDog 的 Pod', '批量开启', '升级', '卸载', '许可证'],
]

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

it('KERNEL_FOLDER, of which the webhook warns, is where FILE_PATTERN leads', () => {
  assert.equal(path.posix.dirname(FILE_PATTERN), KERNEL_FOLDER)
})

let chat: FakeChat
beforeEach(async () => {
  chat = await startFakeChat()
})
afterEach(() => chat.close())

it('tell() sends to those channels only whose keyword is in the path of the core (A59, A60)', async () => {
  const { notice: notification } = parseConfig(read('wording.yaml')).config
  const channels = notification.channels.map(channel => ({ ...channel, webhookUrl: chat.url('slack') }))
  const told = await openNotifier({ ...notification, channels }).tell(NOTICE)
  assert.deepEqual(
    told.map(({ outcome }) => outcome),
    ['sent', 'skipped', 'sent'],
  )
  const named = { ...NOTICE, corefilePath: `/corefile/production/web-0/app/${FILE}` }
  assert.equal((await openNotifier({ ...notification, channels }).tell(named))[1]?.outcome, 'sent')
})

it('admit() mounts into the container that the Deployment of the README names, and no other (A31, A35, A36)', () => {
  const { metadata, spec } = parse(read('deployment.yaml')).spec.template as PodJson
  const pod: PodJson = { metadata: { ...metadata, generateName: 'my-app-7c9f5d8b6-' }, spec }
  const { hostPath, dumpsDir, podSecurityDefault } = parseConfig(
    `fallback: {hostPath: true}\n${read('wording.yaml')}`,
  ).config.fallback
  const { review, outcome } = admit(reviewOf(pod), {
    settings: { hostPath, dumpsDir, podSecurityDefault },
    levelOf: () => 'privileged',
    log: pino({ enabled: false }),
  })
  assert.deepEqual([outcome, review.response.warnings], ['injected', undefined])

  const patch: JsonPatch = JSON.parse(Buffer.from(review.response.patch ?? '', 'base64').toString())
  const [app, sidecar] = applyPatch(pod, patch).spec.containers
  assert.deepEqual(
    app?.volumeMounts?.map(({ name, mountPath }) => [name, mountPath]),
    [['coredog-corefile', '/corefile']],
  )
  assert.deepEqual(sidecar, spec.containers[1])
  assert.deepEqual(app?.command, ['bash', '-c', 'ulimit -c unlimited # ⚠️ 必须设置\nexec /app/server\n'])
  assert.equal(applyPatch(pod, patch).metadata.annotations?.['coredog.io/target-containers'], 'app')
})

function reviewOf(pod: PodJson): object {
  const request = {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'prod',
    operation: 'CREATE',
    object: { apiVersion: 'v1', kind: 'Pod', ...pod },
  }
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }
}
