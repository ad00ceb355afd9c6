import assert from 'node:assert/strict'
import { linkSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { evict } from '../../../cli/debug/eviction.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const MIB = 1 << 20

/** Crashes of which each has an object of 1 MiB, the first the oldest, and all share one. */
function cacheOf(test: TestContext, names: readonly string[]) {
  const folder = temporaryFolder(test)
  const [objects, crashes] = [path.join(folder, 'objects'), path.join(folder, 'crashes')]
  mkdirSync(objects)
  const old = (file: string, hours: number) =>
    utimesSync(file, NOW, new Date(NOW.getTime() - hours * 3_600_000))
  writeFileSync(path.join(objects, 'shared'), Buffer.alloc(MIB, 1))
  old(path.join(objects, 'shared'), 100)
  for (const [at, name] of names.entries()) {
    mkdirSync(path.join(crashes, name), { recursive: true })
    writeFileSync(path.join(objects, name), Buffer.alloc(MIB, 1))
    old(path.join(objects, name), 100)
    for (const object of [name, 'shared'])
      linkSync(path.join(objects, object), path.join(crashes, name, object))
    old(path.join(crashes, name), 50 - at)
  }
  const left = () => [readdirSync(objects).sort(), readdirSync(crashes).sort()]
  return { folders: { objects, crashes }, left }
}

it('evict() takes away the oldest crashes, and the objects that no other one has', async t => {
  const { folders, left } = cacheOf(t, ['a', 'b', 'c'])
  await evict(folders, { mostBytes: 2.5 * MIB, kept: path.join(folders.crashes, 'c'), now: NOW })
  assert.deepEqual(left(), [['c', 'shared'], ['c']])
})

it('evict() keeps the crash of now, however large it is', async t => {
  const { folders, left } = cacheOf(t, ['a', 'b'])
  await evict(folders, { mostBytes: 0, kept: path.join(folders.crashes, 'a'), now: NOW })
  assert.deepEqual(left(), [['a', 'shared'], ['a']])
})

it('evict() leaves all where there is room, but for what runs that were killed have left', async t => {
  const { folders, left } = cacheOf(t, ['a'])
  const leave = (name: string, hours: number) => {
    const file = path.join(folders.objects, name)
    writeFileSync(file, '')
    utimesSync(file, NOW, new Date(NOW.getTime() - hours * 3_600_000))
  }
  // No process has so high a pid: PID_MAX_LIMIT is 2^22.
  leave('x.4194305-1.new', 0)
  leave(`x.${process.pid}-1.new`, 0)
  leave('fresh.part', 2)
  leave('forgotten.part', 30)
  await evict(folders, { mostBytes: 10 * MIB, kept: '', now: NOW })
  assert.deepEqual(left(), [['a', 'fresh.part', 'shared', `x.${process.pid}-1.new`], ['a']])
})
