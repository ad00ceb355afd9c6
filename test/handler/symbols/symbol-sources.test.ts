import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { pino } from 'pino'
import { OperatorError } from '../../../crash/errors.ts'
import { LARGEST_FILE_BYTES } from '../../../handler/symbols/fetched-file.ts'
import type { SymbolSource } from '../../../handler/symbols/symbol-source.ts'
import { SymbolSources } from '../../../handler/symbols/symbol-sources.ts'
import { MOST_BUILD_IDS } from '../../../handler/symbols/unnamed-code.ts'
import { nameInThread } from '../../../handler/why/name-in-thread.ts'
import { symbolNames } from '../../../handler/why/symbol-names.ts'
import { mutated } from '../../crash/symbols/mutated.ts'
import { inputs } from '../../inputs.ts'
import { BUILD_ID, OTHER_ID, reportOf, symbolsOf, unnamed } from './reported.ts'

const STACK = [
  unnamed('0x272', { trust: 'context' }),
  unnamed('0x287'),
  { function: 'main', module: '/app/shop', own: true },
]

it('named() gives names and lines to frames that have none, and says of which file', async () => {
  const { sources } = world(sourceOf('_symbols', { [BUILD_ID]: symbolsOf() }))
  const { crash, symbols, timing } = await sources.named(reportOf(...STACK))
  assert.deepEqual(
    crash?.frames?.map(({ function: name, file, line, offset, inlined }) => [
      name,
      file,
      line,
      offset,
      inlined,
    ]),
    [
      ['price', 'inner/price.h', 2, undefined, true],
      ['checkout', 'lines.c', 10, '0x6', undefined],
      ['checkout', 'lines.c', 10, '0x1b', undefined],
      ['main', undefined, undefined, undefined, undefined],
    ],
  )
  assert.deepEqual(symbols, [{ buildId: BUILD_ID, url: `fake://_symbols/${BUILD_ID}` }])
  assert.equal(timing?.whySeconds, 0.1)
  assert.equal(typeof timing?.symbolsSeconds, 'number')
})

it('named() leaves as it was what crashes are counted by', async () => {
  const report = reportOf(...STACK)
  const { crash } = await world(sourceOf('_symbols', { [BUILD_ID]: symbolsOf() })).sources.named(report)
  const { frames: _, ...counted } = crash ?? {}
  const { frames: _before, ...before } = report.crash ?? {}
  assert.deepEqual(counted, before)
})

it('named() asks the next source for what the first one does not have, or cannot give', async () => {
  const second = sourceOf('second', { [BUILD_ID]: symbolsOf() })
  for (const first of [sourceOf('first', {}), failing('first', new OperatorError('403', 'Allow it.'))]) {
    const { sources } = world(first, second)
    assert.equal((await sources.named(reportOf(...STACK))).symbols?.[0]?.url, `fake://second/${BUILD_ID}`)
  }
})

it('named() says once of each source that it cannot be asked, and what to do', async () => {
  const { sources, lines } = world(failing('first', new OperatorError('403 Forbidden', 'Allow it.')))
  const report = reportOf(unnamed('0x272'), unnamed('0x272', { buildId: OTHER_ID }))
  const { timing: _, ...found } = await sources.named(report)
  const { timing: _before, ...before } = report
  assert.deepEqual(found, before)
  assert.deepEqual(
    lines.map(({ source, reason, hint, msg }) => [source, reason, hint, msg]),
    [['first', '403 Forbidden', 'Allow it.', 'symbols not read']],
  )
})

it('named() uses no file of another build, and says so', async () => {
  const { sources, lines } = world(sourceOf('_symbols', { [BUILD_ID]: symbolsOf(OTHER_ID) }))
  const { crash, symbols } = await sources.named(reportOf(...STACK))
  assert.deepEqual([crash?.frames, symbols], [STACK, undefined])
  assert.deepEqual(
    lines.map(({ buildId, msg }) => [buildId, msg]),
    [[BUILD_ID, 'symbols of another build not used']],
  )
})

it('named() goes on without a source that hangs, and has what another one said', async () => {
  const hanging = { ...sourceOf('hanging', {}), find: () => new Promise<never>(() => undefined) }
  const silent = { ...sourceOf('silent', {}), find: async () => neverEnding() }
  for (const first of [hanging, silent]) {
    const { sources, lines } = world(first, sourceOf('second', { [BUILD_ID]: symbolsOf() }))
    assert.equal((await sources.named(reportOf(...STACK))).crash?.frames?.[1]?.function, 'checkout')
    assert.match(String(lines[0]?.reason), /did not answer in time/)
  }
})

it('named() has the report as it was where the names are not found in time', async () => {
  const naming: typeof nameInThread = async (_, late) => {
    await late
    return { told: [], trouble: 'there was no time for it', ended: Promise.resolve() }
  }
  const { sources, lines } = world({ naming }, sourceOf('_symbols', { [BUILD_ID]: symbolsOf() }))
  const { crash } = await sources.named(reportOf(...STACK))
  assert.deepEqual(crash?.frames, STACK)
  assert.deepEqual(
    lines.map(({ reason }) => reason),
    ['there was no time for it'],
  )
})

it('named() takes no file that is larger than there is room for', async () => {
  const chunk = Buffer.alloc(1 << 20)
  let sent = 0
  const endless = async function* () {
    for (;;) {
      sent += chunk.length
      yield chunk
    }
  }
  const { sources, lines } = world({ asking: 60 }, { ...sourceOf('large', {}), find: async () => endless() })
  await sources.named(reportOf(...STACK))
  assert.ok(sent <= LARGEST_FILE_BYTES + chunk.length)
  assert.match(String(lines[0]?.reason), /larger than 64 MiB/)
})

it('named() asks for few builds, and for nothing that a linker does not make', async () => {
  const asked: string[] = []
  const source = sourceOf('_symbols', {})
  const find = async (buildId: string) => {
    asked.push(buildId)
    return null
  }
  const ids = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(40, '0'))
  const odd = ['', 'c0ffee', '../../../etc/passwd', `${'0'.repeat(39)}/`, '0'.repeat(42), 'A'.repeat(40)]
  const frames = [...odd, ...ids].map(buildId => unnamed('0x272', { buildId }))
  await world({ ...source, find }).sources.named(reportOf(...frames))
  assert.deepEqual(asked, ids.slice(0, MOST_BUILD_IDS))
})

it('named() asks nobody where all has names, or where nobody is to be asked', async () => {
  const { sources } = world(failing('first', new Error('it was asked')))
  for (const report of [
    reportOf({ function: 'main', buildId: BUILD_ID, address: '0x1' }),
    reportOf(),
    withoutCrash(),
  ])
    assert.equal(await sources.named(report), report)
  const report = reportOf(...STACK)
  assert.equal(await world().sources.named(report), report)
})

it('named() names the other threads, and what a handler had interrupted', async () => {
  const { sources } = world(sourceOf('_symbols', { [BUILD_ID]: symbolsOf() }))
  const frames = [unnamed('0x287')]
  const report = { ...reportOf(unnamed('0x287')), threads: [{ tid: 7, frames }, { tid: 8 }] }
  const { crash, threads } = await sources.named({
    ...report,
    crash: { ...report.crash, firstCause: { frames } },
  })
  assert.equal(crash?.firstCause?.frames?.[0]?.function, 'checkout')
  assert.deepEqual(
    threads?.map(({ tid, frames }) => [tid, frames?.[0]?.function]),
    [
      [7, 'checkout'],
      [8, undefined],
    ],
  )
})

it('named() leaves no file open, and none behind', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-sources-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const open = () => readdirSync('/proc/self/fd').length
  const { sources } = world({ folder }, sourceOf('_symbols', { [BUILD_ID]: symbolsOf() }))
  await sources.named(reportOf(...STACK))
  const before = open()
  for (let round = 0; round < 5; round += 1) await sources.named(reportOf(...STACK))
  for (let round = 0; open() > before && round < 1000; round += 1) await turn()
  assert.ok(open() <= before)
  assert.deepEqual(readdirSync(folder), [])
})

it('named() never rejects, whatever a source sends', async () => {
  const files = fc.oneof(
    mutated(symbolsOf()),
    fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
  )
  await fc.assert(
    fc.asyncProperty(files, async file => {
      const { sources } = world({ naming: nameHere }, sourceOf('_symbols', { [BUILD_ID]: file }))
      const { crash } = await sources.named(reportOf(...STACK))
      for (const { function: name = '' } of crash?.frames ?? []) assert.ok(name.length <= 512)
    }),
    inputs(100),
  )
})

const nameHere: typeof nameInThread = async asked => ({
  told: [...symbolNames(asked)],
  trouble: null,
  ended: Promise.resolve(),
})

type Part =
  | SymbolSource
  | { readonly naming: typeof nameInThread }
  | { readonly asking: number }
  | { readonly folder: string }

function world(...parts: readonly Part[]) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const sources = parts.filter(part => 'find' in part)
  const name = parts.find(part => 'naming' in part)?.naming ?? nameInThread
  const asking = parts.find(part => 'asking' in part)?.asking ?? 0.2
  const folder = parts.find(part => 'folder' in part)?.folder ?? tmpdir()
  const around = { folder, log, name, seconds: { all: 5, asking } }
  return { sources: new SymbolSources(sources, around), lines }
}

function sourceOf(name: string, files: Readonly<Record<string, Buffer>>): SymbolSource {
  return {
    name,
    find: async buildId => (files[buildId] === undefined ? null : chunksOf(files[buildId])),
    end: async () => undefined,
    placeOf: buildId => ({ url: `fake://${name}/${buildId}` }),
  }
}

function failing(name: string, cause: Error): SymbolSource {
  return { ...sourceOf(name, {}), find: () => Promise.reject(cause) }
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}

async function* neverEnding(): AsyncGenerator<Buffer> {
  yield symbolsOf().subarray(0, 100)
  await new Promise(() => undefined)
}

function withoutCrash() {
  const { crash: _, ...report } = reportOf()
  return report
}

it('named() leaves to the program what was compiled of it at run time', async () => {
  const { sources } = world(sourceOf('_symbols', { [BUILD_ID]: symbolsOf() }))
  const compiled = {
    function: 'total',
    file: '/app/cart.js',
    address: '0x7f00',
    trust: 'fp',
    own: true,
  } as const
  const { crash } = await sources.named(reportOf(...STACK, compiled))
  assert.equal(crash?.frames?.[0]?.function, 'price')
  assert.deepEqual(crash?.frames?.at(-1), compiled)
})

it('named() ends what a source has begun to give where there is no room for it', async () => {
  const signals: AbortSignal[] = []
  const source: SymbolSource = {
    ...sourceOf('_symbols', {}),
    async find(_, signal) {
      signals.push(signal)
      return chunksOf(symbolsOf())
    },
  }
  const { sources } = world(source, { folder: '/nowhere' })
  assert.deepEqual((await sources.named(reportOf(...STACK))).symbols, undefined)
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true],
  )
})
