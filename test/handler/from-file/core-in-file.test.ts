import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { crashTime, readCrash } from '../../../handler/from-file/core-in-file.ts'
import { pipeOf } from '../../fakes/core-file.ts'

const AT = 1_763_700_000
const DAY = 24 * 3600

function seconds(name: string, mtime = AT, ctime = AT): number {
  return crashTime(name, { mtimeMs: mtime * 1000, ctimeMs: ctime * 1000 }).getTime() / 1000
}

it('crashTime() believes a name that the file was written within a day of', () => {
  assert.equal(seconds(`core.my app.7.web-0.${AT - 90}`), AT - 90)
  assert.equal(seconds(`core.my app.7.web-0.${AT - DAY - 1}`), AT)
  assert.equal(seconds(`core.my app.7.web-0.${AT + DAY + 1}`), AT)
})

it('crashTime() takes the time of the last write where the name says none', () => {
  for (const name of ['core', 'core.7', 'core.176370000', 'core.17637000000', `core.${AT}.gz`])
    assert.equal(seconds(name, AT - 5), AT - 5, name)
})

it('crashTime() believes no last write that is far ahead of the last change, nor one before 1970', () => {
  assert.equal(seconds('core', AT + DAY + 1), AT)
  assert.equal(seconds('core', -5), AT)
  assert.equal(seconds('core', 253_402_300_800), AT)
})

const CORES = path.resolve(import.meta.dirname, '../../fixtures/cores')

it('readCrash() reads of a 32-bit core of Go what it reads of others', async test => {
  const bytes = gunzipSync(readFileSync(path.join(CORES, 'go-386.core.gz')))
  const stats = { size: bytes.length, blocks: 32, mtimeMs: AT * 1000, ctimeMs: AT * 1000 }
  const { site, args, observed, core } = await readCrash({ pipe: pipeOf(test, bytes), stats, path: 'core' })
  assert.deepEqual(site, {
    module: '/app/shop',
    offset: '0x79b50',
    address: '0x80c1b50',
    buildId: '4d8947792c0ff3eb4a037e55131cd30d1e7229a4',
  })
  assert.deepEqual([args.comm, args.signal, observed.executable], ['shop', 6, '/app/shop'])
  const { pid, threadId, threads, stackPointers } = core.head ?? assert.fail()
  assert.deepEqual([pid, threadId, threads], [20279, 20279, 3])
  assert.deepEqual(stackPointers, [0x8411330n, 0x845deccn, 0x8427eb4n])
})
