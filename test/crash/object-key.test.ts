import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { crashFolder, keySegment, newCrashId, type Owner, parseCrashFolder } from '../../crash/object-key.ts'
import { anyCharacter } from '../any-character.ts'
import { inputs } from '../inputs.ts'

const occurrence = {
  time: new Date('2026-11-21T04:21:17.500Z'),
  comm: 'my app',
  pid: 4242,
  id: '0123456789ab',
}

const owners: { owner: Owner; folder: string }[] = [
  { owner: { kind: 'pod', namespace: 'shop', pod: 'web-0', container: 'app' }, folder: 'shop/web-0/app' },
  { owner: { kind: 'host', node: 'node-1' }, folder: '_host/node-1' },
  { owner: { kind: 'unverified', node: 'node-1' }, folder: '_unverified/node-1' },
]
for (const { owner, folder } of owners) {
  it(`crashFolder() keeps a crash of kind ${owner.kind} under ${folder}`, () => {
    assert.equal(crashFolder(owner, occurrence), `${folder}/20261121T042117Z-my_app-4242-0123456789ab`)
  })
}

it('crashFolder() makes safe segments of whatever the names hold', () => {
  const name = fc.string({ unit: anyCharacter, maxLength: 300 })
  fc.assert(
    fc.property(name, name, name, name, (namespace, pod, container, comm) => {
      const segments = crashFolder({ kind: 'pod', namespace, pod, container }, { ...occurrence, comm }).split(
        '/',
      )
      assert.equal(segments.length, 4)
      for (const segment of segments) assert.match(segment, /^(?!\.{1,2}$)(?!_)[A-Za-z0-9._-]{1,128}$/)
    }),
    inputs(2000),
  )
})

it('crashFolder() lets no pod write into the folder of the host', () => {
  const folder = crashFolder({ kind: 'pod', namespace: '_host', pod: '..', container: '' }, occurrence)
  assert.equal(folder.split('/').slice(0, 3).join('/'), 'host/unknown/unknown')
})

it('keySegment() keeps what is safe as it is', () => {
  assert.equal(keySegment('web-7c9f5d.x_2'), 'web-7c9f5d.x_2')
})

it('newCrashId() gives every crash its own', () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newCrashId)).size, 1000)
})

it('parseCrashFolder() has back what crashFolder() made, whatever the names hold', () => {
  const name = fc.string({ unit: anyCharacter, maxLength: 300 })
  const time = fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  const owner = fc.oneof(
    fc.record({ kind: fc.constant('pod'), namespace: name, pod: name, container: name }),
    fc.record({ kind: fc.constantFrom('host', 'unverified'), node: name }),
  ) as fc.Arbitrary<Owner>
  fc.assert(
    fc.property(owner, time, name, fc.nat(), (whose, when, comm, pid) => {
      const folder = crashFolder(whose, { time: when, comm, pid, id: '0123456789ab' })
      const parsed = parseCrashFolder(folder) ?? assert.fail(folder)
      assert.equal(parsed.time.getTime(), Math.floor(when.getTime() / 1000) * 1000)
      assert.deepEqual([parsed.owner.kind, parsed.pid, parsed.id], [whose.kind, pid, '0123456789ab'])
      assert.equal(crashFolder(parsed.owner, parsed), folder)
    }),
    inputs(2000),
  )
})

for (const folder of [
  '',
  'shop/web-0/app',
  '20261121T042117Z-app-1-0123456789ab',
  'shop/20261121T042117Z-app-1-0123456789ab',
  'shop/web-0/app/x/20261121T042117Z-app-1-0123456789ab',
  '_host/node-1/app/20261121T042117Z-app-1-0123456789ab',
  '_else/node-1/app/20261121T042117Z-app-1-0123456789ab',
  'shop/../app/20261121T042117Z-app-1-0123456789ab',
  'shop//app/20261121T042117Z-app-1-0123456789ab',
  'shop/web-0/app/20260231T042117Z-app-1-0123456789ab',
  'shop/web-0/app/20261121T042117Z-app-01-0123456789ab',
  'shop/web-0/app/20261121T042117Z-app-1-0123456789AB',
  'shop/web-0/app/20261121T042117Z-app-1-0123456789ab/',
  'shop/web-0/app/20261121T042117Z-ä-1-0123456789ab',
]) {
  it(`parseCrashFolder() does not take "${folder}" for ours`, () => {
    assert.equal(parseCrashFolder(folder), null)
  })
}
