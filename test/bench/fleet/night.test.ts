import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'

const PROGRAM = path.join(import.meta.dirname, 'mutated-night.ts')

/** Fields of the last line. */
function night(...mutation: readonly string[]): Readonly<Record<string, number>> {
  const line = execFileSync(process.execPath, [PROGRAM, ...mutation], { encoding: 'utf8' }).trim()
  return Object.fromEntries(
    line
      .split(' ')
      .map(field => field.split('='))
      .map(([name, value]) => [name, Number(value)]),
  )
}

const RIGHT = night()

it('one bug is few cores and few messages, and all of it is counted', () => {
  const { cores, uncounted, ...others } = RIGHT
  assert.deepEqual([others['messages-2h'], others['messages-day'], uncounted], [4, 1, 0])
  assert.ok(cores !== undefined && cores < 10)
})

it('the same every time', () => {
  assert.deepEqual(night(), RIGHT)
})

it('a window that does not grow shows', () => {
  const { cores = 0 } = night(
    'groups/outbreak.ts',
    '31 - Math.clz32(Math.floor(age / windowSeconds) + 1)',
    'Math.floor(age / windowSeconds)',
  )
  assert.ok(cores > 2 * (RIGHT.cores ?? 0))
})

it('a refusal that is taken for a win shows', () => {
  const { cores = 0 } = night('groups/take-place.ts', "signal)) === 'won'", "signal)) !== ''")
  assert.ok(cores > 2 * (RIGHT.cores ?? 0))
})

it('a message that everybody may claim shows', () => {
  const found = night('groups/claim-first.ts', "signal)) === 'won' ?", "signal)) !== '' ?")
  assert.notDeepEqual(found, RIGHT)
})

it('a count that is dropped shows', () => {
  const { uncounted = 0 } = night(
    'installer/groups/group-total.ts',
    'crashes: crashes + 1,',
    'crashes: Math.max(1, crashes),',
  )
  assert.ok(uncounted > 0)
})
