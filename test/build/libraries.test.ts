import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { librariesOf } from '../../build/libraries.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { readNeeds } from '../../build/program-needs.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const node = readFileSync(path.join(ROOT, `node_modules/node-linux-${ownArchitecture()}/bin/node`))

it('finds the loader, the libraries, and what they need in turn', async () => {
  const found = await librariesOf([node])
  const names = new Set([...found.keys()].map(file => path.basename(file)))
  for (const program of [node, ...found.values()]) {
    const { libraries } = readNeeds(program)
    assert.deepEqual(
      libraries.filter(name => !names.has(name)),
      [],
    )
  }
  assert.ok(found.has(readNeeds(node).loader ?? ''))
  assert.ok(names.has('libstdc++.so.6'))
})

it('has every library once', async () => {
  const found = await librariesOf([node, node])
  assert.equal(new Set([...found.keys()].map(file => path.basename(file))).size, found.size)
})

it('says which library is not there', async () => {
  const strange = Buffer.from(node)
  strange.write('libzz', strange.indexOf('libm.so.6'))
  await assert.rejects(librariesOf([strange]), /Cannot find "libzzso\.6" in /)
})
