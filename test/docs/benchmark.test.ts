import assert from 'node:assert/strict'
import { it } from 'node:test'
import { COMPOSER } from '../../bench/composer.ts'
import { generatedCores } from '../../bench/core.ts'
import { PARTS, parseOptions } from '../../bench/options.ts'
import { VARIANTS } from '../../bench/ours.ts'
import { RUNTIMES } from '../../bench/runtimes.ts'
import { BYTES_PER_SECOND, LATENCY_MS } from '../../bench/slow-store-table.ts'
import { CRASHES } from '../../bench/storm-run.ts'
import { SYSTEMD } from '../../bench/systemd-coredump.ts'
import { GZIP, LIMIT, ZSTD } from '../../bench/tools.ts'
import { blocksIn, DOCUMENTS, documentOf, inlineCode } from './documents.ts'
import { commandsIn } from './shell.ts'

const page = documentOf('docs/benchmark.md')
const CORES = [...generatedCores(2 ** 30), ...RUNTIMES].map(({ name }) => name)
const CONTESTANTS = [
  // Threads are those of the machine that was measured on.
  ...[LIMIT, GZIP, 'pigz -1 -p2', ZSTD, 'shell helper', SYSTEMD, COMPOSER],
  ...[...VARIANTS.map(({ name }) => name), 'gzip, S3'].map(name => `coredog ${name}`),
]

it('docs/benchmark.md has each part of the benchmark', () => {
  assert.deepEqual(firstCellsBelow('What is measured'), PARTS)
})

it('docs/benchmark.md has each core', () => {
  assert.deepEqual(firstCellsBelow('The cores'), CORES)
})

it('docs/benchmark.md has each contestant', () => {
  assert.deepEqual(firstCellsBelow('Who takes part').toSorted(), CONTESTANTS.toSorted())
})

it('docs/benchmark.md has the rounds that there are if nothing is said', () => {
  const { rounds = 0 } = parseOptions([]) ?? {}
  const told = [...page.prose.matchAll(/^\| `[\w-]+` \| .* \| (\d+)(?:, and one that does not count)? \|$/gm)]
  // What takes milliseconds is done more often, what takes minutes once: bench/main.ts.
  const many = 4 * rounds + 1
  const each = [rounds, rounds, rounds, rounds, many, rounds, many, 1, 1, rounds, rounds, 1, rounds]
  assert.deepEqual(
    told.map(([, count]) => Number(count)),
    each,
  )
})

it('docs/benchmark.md has the numbers of storm and slow store', () => {
  const words = { 12: 'Twelve' }[CRASHES] ?? `${CRASHES}`
  assert.match(page.prose, new RegExp(`\\| \`storm\` \\| ${words} processes`))
  assert.match(page.prose, new RegExp(`takes ${BYTES_PER_SECOND / 1e6} MB/s .* after ${LATENCY_MS} ms`))
})

it('a benchmark that a document names can be run, of parts, cores and contestants that there are', () => {
  const commands = [...inBlocks(), ...inProse()]
  assert.ok(commands.length > 5)
  for (const { place, words } of commands) {
    const options = parseOptions(words)
    const { cores = [], only = [] } = options ?? {}
    assert.deepEqual(
      cores.filter(name => !CORES.includes(name)),
      [],
      place,
    )
    assert.deepEqual(
      only.filter(part => !CONTESTANTS.some(name => name.includes(part))),
      [],
      place,
    )
  }
})

interface BenchCommand {
  readonly place: string
  readonly words: readonly string[]
}

function inBlocks(): readonly BenchCommand[] {
  return blocksIn('sh').flatMap(({ place, text }) =>
    commandsIn(text).flatMap(words => benchCommand(place, words)),
  )
}

function inProse(): readonly BenchCommand[] {
  return DOCUMENTS.flatMap(document =>
    inlineCode(document).flatMap(code => benchCommand(document.file, code.split(' '))),
  )
}

function benchCommand(
  place: string,
  [npm, run, bench, , ...words]: readonly string[],
): readonly BenchCommand[] {
  return npm === 'npm' && run === 'run' && bench === 'bench' ? [{ place, words }] : []
}

function firstCellsBelow(heading: string): readonly string[] {
  const section = page.prose.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| (`.*?) \|/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
    .filter(name => !name.startsWith('--'))
}
