import assert from 'node:assert/strict'
import { it } from 'node:test'
import { threadNames } from '../../../handler/why/thread-names.ts'
import { fakeProc } from '../../fakes/fake-proc.ts'

function thread(ids: readonly number[], name: string) {
  return { [`/proc/500/task/${ids[0]}/status`]: `Name:\t${name}\nUmask:\t0022\nNSpid:\t${ids.join('\t')}\n` }
}

it('threadNames() are by the ids that the core has, in a pid namespace, too', async () => {
  const apart = { ...thread([500, 7], 'app'), ...thread([502, 9], 'a\\nb \\\\'), ...thread([510, 12], 'gc') }
  const names = await threadNames({ pid: 500 }, [9, 7, 12], fakeProc(apart))
  assert.deepEqual(Object.fromEntries(names), { 7: 'app', 9: 'a\\nb \\', 12: 'gc' })
})

it('threadNames() of a process of the node are asked for thread by thread, 64 at the most', async () => {
  const tids = Array.from({ length: 200 }, (_, index) => 500 + index)
  const files = Object.assign({}, ...tids.map(tid => thread([tid], `t${tid}`)))
  const names = await threadNames({ pid: 500 }, tids.toReversed(), fakeProc(files))
  assert.deepEqual([names.size, names.get(699), names.get(500)], [64, 't699', undefined])
})

it('threadNames() of a process with one thread asks for nothing', async () => {
  const proc = fakeProc({}, path => assert.fail(path))
  assert.equal((await threadNames({ pid: 500 }, [500], proc)).size, 0)
})
