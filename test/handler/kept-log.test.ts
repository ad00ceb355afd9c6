import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import type { Config } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { logLinesIn } from '../../crash/log-text.ts'
import type { Capture } from '../../handler/capture.ts'
import { keptLogOf, storeLog } from '../../handler/kept-log.ts'
import type { Secrets } from '../../handler/secrets.ts'
import { KnownSecrets } from '../../untrusted/known-secrets.ts'
import { anyCharacter } from '../any-character.ts'
import { MemorySink } from '../fakes/memory-sink.ts'
import { inputs } from '../inputs.ts'

const SECRET = 'open-for-the-forty'
const TIME = '2026-01-01T00:00:00Z'

async function kept(texts: readonly string[]) {
  const config: Config = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}').config
  const lines = texts.map(text => ({ time: TIME, stream: 'stderr' as const, text }))
  const capture = {
    ...{ id: '0123456789ab', time: new Date(TIME), identity: null, node: { name: 'node-1' } },
    ...{ args: { pid: 7, comm: 'app' }, log: { lines: async () => lines } },
  }
  const secrets = { known: async () => KnownSecrets.of([SECRET]) }
  // All that is read of the two.
  return keptLogOf(capture as unknown as Capture, secrets as unknown as Secrets, config, {
    sink: new MemorySink(),
  })
}

it('keptLogOf() has no log of a container that has written nothing', async () => {
  assert.equal(await kept([]), null)
})

it('keptLogOf() shows a planted secret nowhere, whatever stands around it, and a line for each', async () => {
  const around = fc.string({ unit: anyCharacter, maxLength: 80 }).map(text => text.replaceAll('\n', ' '))
  const beginnings = fc.constantFrom('', 'panic: ', '  what():  ', 'token=', '\t', 'a customer ')
  const line = fc.tuple(beginnings, around, fc.constantFrom('', SECRET), around).map(parts => parts.join(''))
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), async texts => {
      const { text, words } = (await kept(texts)) ?? assert.fail()
      assert.ok(!text.includes(SECRET) && !words.join('\n').includes(SECRET))
      assert.equal(logLinesIn(text).length, texts.length)
    }),
    inputs(1000),
  )
})

it('keptLogOf() shows a secret that a runtime wrote in UTF-16LE neither in the log nor in a chat', async () => {
  const wide = Buffer.from(SECRET, 'utf16le').toString('latin1')
  const { text, words } = (await kept([`panic: ${wide}`])) ?? assert.fail()
  assert.deepEqual([logLinesIn(text)[0]?.text, words], ['panic: ***\\x00', ['panic: ***']])
})

it('storeLog() waits ten seconds for a store that hangs, and the report is stored without the log', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const sink = Object.assign(new MemorySink(), { put: () => new Promise<never>(() => undefined) })
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const storing = storeLog(await kept(['panic: no more eggs']), { sink, log })
  t.mock.timers.tick(10_000)
  assert.deepEqual(await storing, {})
  assert.deepEqual(
    lines.map(({ msg, reason }) => [msg, reason]),
    [['log of the container not stored', 'no answer within 10 s']],
  )
})
