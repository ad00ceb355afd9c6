import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { build } from 'esbuild'
import { keyPair } from '../webhook/serving.ts'
import { eventually } from './eventually.ts'
import { pem } from './front-proxy.ts'
import { LargeBucket } from './large-bucket.ts'
import { crashPath, ENTRY } from './stored-crash.ts'

const GIB = 2 ** 30
const PATH = `${crashPath(ENTRY)}/proxy`

/** As the manifests have it in NODE_OPTIONS. */
const NURSERY = '--max-semi-space-size=2'

it('4 GiB stream, and the server has less than 200 MiB', async t => {
  await using bucket = await LargeBucket.start(4 * GIB)
  const { port, child } = await startServer(t, bucket)
  assert.equal(await bytesOf(await ask(port, 'ann')), 4 * GIB)
  assertMemory(t, child, 200)
})

// Each of them is a connection with TLS, of some 70 KiB: they begin in turns.
it('of a thousand at once most are told to come again, and the server has less than 200 MiB', async t => {
  await using bucket = await LargeBucket.start(4 * GIB)
  const { port, child } = await startServer(t, bucket)
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, at) => ask(port, `user-${at}`)))
  assert.deepEqual([countOf(answers, 200), countOf(answers, 429)], [32, 968])
  // Those that are served read nothing: what they were given lies in sockets, and the store waits.
  assert.ok(bucket.given < GIB, `${bucket.given} bytes were read ahead`)
  assert.ok(answers.every(({ statusCode, headers }) => statusCode === 200 || headers['retry-after'] === '5'))
  for (const answer of answers) answer.destroy()
  await eventually(() => bucket.open === 0 || undefined)
  assertMemory(t, child, 200)
})

function countOf(answers: readonly IncomingMessage[], code: number): number {
  return answers.filter(({ statusCode }) => statusCode === code).length
}

function assertMemory(t: TestContext, child: ChildProcess, mostMebibytes: number): void {
  const { most } = memoryOf(child)
  t.diagnostic(`VmHWM ${most} MiB`)
  assert.ok(most < mostMebibytes, `${most} MiB`)
}

/** In one file, as the executable has it: the compiler of sources alone takes 60 MiB. */
async function startServer(t: TestContext, { endpoint }: LargeBucket) {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-api-memory-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const outfile = path.join(folder, 'api/server.mjs')
  const require =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"
  const entryPoints = [path.join(import.meta.dirname, 'streaming-server.ts')]
  const how = { bundle: true, platform: 'node', format: 'esm', banner: { js: require } } as const
  await build({ entryPoints, outfile, ...how, logLevel: 'error' })
  symlinkSync(path.join(import.meta.dirname, '../fixtures'), path.join(folder, 'fixtures'))
  const child = spawn(process.execPath, [NURSERY, outfile, endpoint], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  return { child, port: Number(line) }
}

async function ask(port: number, user: string): Promise<IncomingMessage> {
  const shown = { cert: pem('client'), key: pem('client-key'), ca: keyPair('kube').certificate }
  const headers = { 'x-remote-user': user }
  const sent = request({ host: '127.0.0.1', port, path: PATH, headers, agent: false, ...shown }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return answer.on('error', () => undefined)
}

async function bytesOf(answer: IncomingMessage): Promise<number> {
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length
  return bytes
}

function memoryOf({ pid }: ChildProcess): { readonly most: number } {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return { most: Math.round(Number(kibibytes) / 1024) }
}
