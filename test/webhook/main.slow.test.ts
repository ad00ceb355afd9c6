import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, it } from 'node:test'
import { readReview } from './admission/pods.ts'
import { askOver } from './serving.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const KUBE = path.join(ROOT, 'test/fixtures/kube')
const KEY_FILES = {
  WEBHOOK_CERT_FILE: path.join(KUBE, 'certificate.pem'),
  WEBHOOK_KEY_FILE: path.join(KUBE, 'key.pem'),
}
const CONFIG = 'StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\nfallback: {hostPath: true}\n'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coredog-webhook-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('coredog-webhook serves, and on SIGTERM is first not ready and then ends with 0 (A39, A41)', async () => {
  await writeFile(path.join(folder, 'coredog.yaml'), CONFIG)
  await using webhook = start(['run'], KEY_FILES)
  const started = await webhook.line(/^Starting webhook server on port \d+$/)
  const port = Number(started.msg.split(' ').at(-1))
  const plain = `http://127.0.0.1:${(await webhook.line(/^metrics served$/)).port}`
  await Promise.all([webhook.line(/^certificate taken$/), webhook.line(/^configuration taken$/)])
  assert.equal(await textOf(`${plain}/ready`), '200 ready')

  const { status, body } = await askOver(port, { body: JSON.stringify(readReview('bare-pod')) })
  assert.equal(status, 200)
  assert.deepEqual(JSON.parse(body).response.warnings, [
    'coredog: the Pod Security level of namespace "shop" is not known',
  ])
  const metrics = await textOf(`${plain}/metrics`)
  assert.match(metrics, /coredog_admissions_total\{outcome="skipped"\} 1/)
  assert.match(metrics, /coredog_webhook_certificate_expiry_seconds \d{10}/)
  assert.match(metrics, /coredog_webhook_certificate_start_seconds \d{10}/)

  webhook.child.kill('SIGTERM')
  await webhook.line(/^webhook stops$/)
  assert.equal(await textOf(`${plain}/ready`), '503 this replica is about to stop\n')
  const last = await askOver(port, { method: 'GET', path: '/health' })
  assert.deepEqual([last.body, last.headers.connection], ['ok', 'close'])
  assert.deepEqual(await webhook.exit, [0, null])
})

it('coredog-webhook waits for a configuration and a certificate that it was told of', async () => {
  await using webhook = start([], { WEBHOOK_CERT_FILE: path.join(folder, 'tls.crt') })
  const plain = `http://127.0.0.1:${(await webhook.line(/^metrics served$/)).port}`
  await Promise.all([webhook.line(/^certificate refused$/), webhook.line(/^configuration refused$/)])
  const problems = 'there is no certificate yet\nno valid configuration has been there yet\n'
  assert.equal(await textOf(`${plain}/ready`), `503 ${problems}`)
  assert.equal(await textOf(`${plain}/health`), '200 ok')
  assert.match(await textOf(`${plain}/metrics`), /coredog_webhook_config_refused_total 1/)
})

it('coredog-webhook says what to do when it can have neither a certificate nor an API server', async () => {
  await using webhook = start([], {})
  assert.deepEqual(await webhook.exit, [1, null])
  assert.match(webhook.errors(), /this is not a pod of Kubernetes\nName a certificate .* --cert-file/)
})

for (const option of ['--port', '--metrics-port']) {
  it(`coredog-webhook ends and says what to do when ${option} is taken`, async () => {
    const other = createServer().listen(0)
    await once(other, 'listening')
    const { port } = other.address() as { port: number } // listens on TCP
    await using webhook = start([option, String(port)], KEY_FILES)
    assert.deepEqual(await webhook.exit, [1, null])
    assert.match(webhook.errors(), /Cannot listen on port \d+: .*EADDRINUSE/)
    assert.match(webhook.errors(), new RegExp(`free port with ${option},`))
    other.close()
  })
}

it('coredog-webhook --help names the options', async () => {
  const help = spawn(process.execPath, ['webhook/main.ts', '--help'], { cwd: ROOT })
  const text = (await help.stdout.toArray()).join('')
  for (const word of ['--cert-file', 'WEBHOOK_KEY_FILE', '--metrics-port', 'POST /mutate'])
    assert.ok(text.includes(word), word)
})

interface Line {
  readonly msg: string
  readonly port?: number
}

/** The webhook as a process, with both folders in {@link folder}, on ports that are free. */
function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  const places = ['--config-dir', folder, '--secrets-dir', folder]
  const all = ['webhook/main.ts', '--port', '0', '--metrics-port', '0', ...places, ...args]
  const child = spawn(process.execPath, all, { cwd: ROOT, env: { PATH: process.env.PATH, ...env } })
  const exit = once(child, 'exit')
  const errors: string[] = []
  child.stderr.on('data', chunk => errors.push(String(chunk)))
  return {
    child,
    exit,
    errors: () => errors.join(''),
    line: linesOf(child),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** Finds the first line whose message matches, whether it was there before or is still to come. */
function linesOf(child: ChildProcessWithoutNullStreams): (message: RegExp) => Promise<Line> {
  const lines: Line[] = []
  const waiting: { message: RegExp; resolve: (line: Line) => void; reject: (error: Error) => void }[] = []
  const output = createInterface(child.stdout)
  output.on('line', text => {
    const line = JSON.parse(text) as Line // the log is JSON
    lines.push(line)
    for (const { message, resolve } of waiting) if (message.test(line.msg)) resolve(line)
  })
  output.on('close', () => {
    for (const { message, reject } of waiting) reject(new Error(`it ended without ${message}`))
  })
  return message => {
    const { promise, resolve, reject } = Promise.withResolvers<Line>()
    waiting.push({ message, resolve, reject })
    const there = lines.find(({ msg }) => message.test(msg))
    if (there !== undefined) resolve(there)
    return promise
  }
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url)
  return `${response.status} ${await response.text()}`
}
