import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { Backlog } from '../../fallback/backlog.ts'
import type { CoreFile } from '../../fallback/core-file.ts'
import { inputs } from '../inputs.ts'

const anyFile = fc.record({ pod: fc.constantFrom('a', 'b', 'c'), age: fc.integer({ min: 0, max: 9 }) })

it('Backlog gives every file once, of one pod the oldest first', () => {
  fc.assert(
    fc.property(fc.array(anyFile), files => {
      const given = drain(files.map(({ pod, age }, index) => file(pod, age, index)))
      assert.equal(given.length, files.length)
      for (const pod of ['a', 'b', 'c']) {
        const ages = given.filter(({ owner }) => owner.pod === pod).map(({ stat }) => stat.mtimeNs)
        assert.deepEqual(
          ages,
          ages.toSorted((one, other) => Number(one - other)),
        )
      }
    }),
    inputs(),
  )
})

it('Backlog lets pods take turns: one never comes twice while another waits', () => {
  fc.assert(
    fc.property(fc.array(anyFile), files => {
      const given = drain(files.map(({ pod, age }, index) => file(pod, age, index)))
      for (const [at, one] of given.entries()) {
        const again = given.findIndex((other, index) => index > at && other.owner.pod === one.owner.pod)
        const later = new Set(given.slice(at + 1).map(({ owner }) => owner.pod))
        const between = new Set(given.slice(at + 1, again).map(({ owner }) => owner.pod))
        later.delete(one.owner.pod)
        if (again !== -1) assert.deepEqual(between, later)
      }
    }),
    inputs(),
  )
})

it('Backlog keeps a path once', () => {
  assert.equal(drain([file('a', 1, 0), file('a', 2, 0)]).length, 1)
})

function drain(files: readonly CoreFile[]): CoreFile[] {
  const backlog = new Backlog()
  for (const each of files) backlog.add(each)
  return [...files].map(() => backlog.next()).filter(next => next !== undefined)
}

function file(pod: string, age: number, index: number): CoreFile {
  const stat = { dev: 1n, ino: BigInt(index), size: 1n, mtimeNs: BigInt(age), blocks: 8n }
  return { owner: { namespace: 'ns', pod }, segments: ['ns', pod, `core.${index}`], stat }
}
