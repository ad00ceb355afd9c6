import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { cgroupOf } from '../../../handler/container-nodes/node-cgroup.ts'
import { shownHandler } from '../../../handler/container-nodes/shown-handler.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const HANDLER = '/usr/local/bin/coredog-handler'
const SHOWN = '/run/coredog/container-node.json'
const options = { skip: process.getuid?.() !== 0 && 'files of root are needed' }

function nodeWith(
  test: TestContext,
  handler: unknown = HANDLER,
): { root: string; at: (file: string) => string } {
  const root = temporaryFolder(test)
  const at = (file: string) => path.join(root, file)
  chmodSync(root, 0o755)
  for (const folder of ['/run/coredog', '/usr/local/bin'])
    mkdirSync(at(folder), { recursive: true, mode: 0o755 })
  writeFileSync(at(HANDLER), '', { mode: 0o755 })
  writeFileSync(at(SHOWN), JSON.stringify({ version: 1, handler }), { mode: 0o600 })
  return { root, at }
}

it('shownHandler() is where the installer has placed it; without an installer there is none', options, t => {
  const { root, at } = nodeWith(t)
  assert.equal(shownHandler(root), HANDLER)
  rmSync(at('/run/coredog'), { recursive: true })
  assert.equal(shownHandler(root), null)
  rmSync(at('/run'), { recursive: true })
  assert.equal(shownHandler(root), null)
})

for (const name of ['/usr/bin/sh', 'coredog-handler', '/usr/local/../bin/coredog-handler', '', 7])
  it(`shownHandler() does not take ${JSON.stringify(name)} for one`, options, t =>
    assert.throws(() => shownHandler(nodeWith(t, name).root), /names no handler/),
  )

const CHANGES: readonly (readonly [string, (at: (file: string) => string) => void, RegExp])[] = [
  ['is not there', at => rmSync(at(HANDLER)), /cannot be run/],
  ['cannot be run', at => chmodSync(at(HANDLER), 0o644), /cannot be run/],
  ['others may write', at => chmodSync(at(HANDLER), 0o757), /is not root's alone/],
  [
    'lies where others may write',
    at => chmodSync(at('/usr/local'), 0o775),
    /"\/usr\/local" there is not root's alone/,
  ],
  [
    'lies in a root where others may write',
    at => chmodSync(at('/'), 0o777),
    /"\/" there is not root's alone/,
  ],
  ['is shown where others may write', at => chmodSync(at('/run/coredog'), 0o777), /is not root's alone/],
  [
    'is a link, which leads to a file of the machine',
    at => {
      rmSync(at(HANDLER))
      symlinkSync('/usr/bin/true', at(HANDLER))
    },
    /is a link, or special/,
  ],
  [
    'lies behind a link',
    at => {
      rmSync(at('/usr/local'), { recursive: true })
      symlinkSync('/usr/local', at('/usr/local'))
    },
    /"\/usr\/local" there is a link/,
  ],
  ['is shown at length', at => writeFileSync(at(SHOWN), 'x'.repeat(5000)), /is too long/],
]
for (const [name, change, why] of CHANGES)
  it(`shownHandler() refuses one that ${name}`, options, t => {
    const { root, at } = nodeWith(t)
    change(at)
    assert.throws(() => shownHandler(root), why)
  })

it('cgroupOf() is that of version 2, wherever it is mounted', t => {
  const folder = temporaryFolder(t)
  const [one, two] = [path.join(folder, 'one'), path.join(folder, 'two')]
  for (const made of [one, two]) mkdirSync(made)
  const cgroup = (text: string) => writeFileSync(path.join(folder, 'cgroup'), text)
  cgroup('3:memory:/a\n0::/docker/b/init.scope\n')
  assert.equal(cgroupOf(folder, [one, two]), null)
  writeFileSync(path.join(two, 'cgroup.controllers'), '')
  assert.equal(cgroupOf(folder, [one, two]), path.join(two, 'docker/b/init.scope'))
  cgroup('3:memory:/a\n')
  assert.equal(cgroupOf(folder, [one, two]), null)
})
