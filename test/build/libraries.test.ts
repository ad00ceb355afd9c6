import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { THIS_MACHINE } from '../../build/file-source.ts'
import { librariesOf } from '../../build/libraries.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { readNeeds } from '../../build/program-needs.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const node = readFileSync(path.join(ROOT, `node_modules/node-linux-${ownArchitecture()}/bin/node`))

it('finds the loader and the libraries of a program', async () => {
  const found = await librariesOf([node], THIS_MACHINE)
  const { loader, libraries } = readNeeds(node)
  assert.ok(found.has(loader ?? ''))
  const names = namesOf(found)
  assert.deepEqual(
    libraries.filter(name => !names.includes(name) && name !== path.basename(loader ?? '')),
    [],
  )
})

it('finds what only a library needs', async () => {
  // The C++ library needs libm.so.6 still.
  const found = await librariesOf([needingInstead('libm.so.6', 'libc.so.6')], THIS_MACHINE)
  assert.ok(namesOf(found).includes('libm.so.6'))
})

it('has every library once, and the loader only where programs look for it', async () => {
  const names = namesOf(await librariesOf([node, node], THIS_MACHINE))
  assert.equal(new Set(names).size, names.length)
})

it('says which library is not there', async () => {
  await assert.rejects(
    librariesOf([needingInstead('libm.so.6', 'liby.so.6')], THIS_MACHINE),
    /Cannot find "liby\.so\.6" in /,
  )
})

function namesOf(found: ReadonlyMap<string, Buffer>): string[] {
  return [...found.keys()].map(file => path.basename(file))
}

/** Node, with another name of at most the same length in its table of strings. */
function needingInstead(name: string, other: string): Buffer {
  const program = Buffer.from(node)
  program.write(`${other}\0`, program.indexOf(`\0${name}\0`) + 1)
  return program
}
