import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseCgroup } from '../../crash/cgroup.ts'
import { anyCharacter } from '../any-character.ts'
import { inputs } from '../inputs.ts'

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/cgroup')

// As fixtures/cgroup/README.md says.
const CONTAINER = 'a3f10b2c4d5e6f7081920b2c4d5e6f7081920b2c4d5e6f7081920011223344aa'
const UID = '8f6d2a4e-1b3c-4d5e-9f70-8192a3b4c5d6'
const STATIC = '6a9bb0b6c2f1c9b3c0ea3c1f0c1d2e3f'

// As the real one named them when it was asked.
const CONTAINERD_VM = {
  containerId: '22bd2587d196bf4b27cf7f4377abc8d9a551b6d57592272b39548d992cb91cd8',
  podUid: '5ca1ab1e-0000-4000-8000-00000000abcd',
}

const inNoPod = [
  'cgroups-per-qos-off',
  'containerd-k8s-io',
  'docker-cgroupfs',
  'docker-systemd',
  'docker-in-docker',
  'podman-root',
]

describe('parseCgroup', () => {
  for (const name of readdirSync(FIXTURES).filter(file => file !== 'README.md')) {
    const text = readFileSync(path.join(FIXTURES, name), 'utf8')
    const expected = expectedOf(name)
    const where = expected === null ? 'on the host' : expected.podUid === null ? 'in no pod' : 'in a pod'
    it(`finds a process ${where}: ${name}`, () => assert.deepEqual(parseCgroup(text), expected))
  }

  it('gives the id of the sandbox for its pause process: the place is the same', () => {
    const sandbox = '5'.repeat(64)
    assert.deepEqual(parseCgroup(`0::/kubepods/pod${UID}/${sandbox}\n`), {
      containerId: sandbox,
      podUid: UID,
    })
  })

  for (const text of [
    '',
    '\n',
    '0::',
    '0::kubepods',
    'garbage',
    '::::',
    '0:\0:/',
    `0::/${'f'.repeat(63)}`,
    `0::/${'f'.repeat(65)}`,
  ]) {
    it(`finds a process on the host: ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.equal(parseCgroup(text), null)
    })
  }

  for (const name of ['\r', '\u2028', '\u0085', 'x (deleted)', 'user.slice']) {
    it(`does not lose a container that calls a cgroup ${JSON.stringify(name)}`, () => {
      const text = `0::/kubepods/pod${UID}/${CONTAINER}/${name}\n`
      assert.deepEqual(parseCgroup(text), { containerId: CONTAINER, podUid: UID })
    })
  }

  it('prefers systemd’s hierarchy, then memory, then pids', () => {
    const line = (controllers: string, digit: string) =>
      `9:${controllers}:/kubepods/pod${UID}/${digit.repeat(64)}`
    const lines = [
      line('cpu,cpuacct', '1'),
      line('pids', '2'),
      line('memory', '3'),
      line('name=systemd', '4'),
    ]
    for (const first of ['4', '3', '2', '1']) {
      assert.equal(parseCgroup(lines.join('\n'))?.containerId, first.repeat(64))
      lines.pop()
    }
  })

  it('believes a pod in any hierarchy before a container without one in another', () => {
    const text = `2:name=systemd:/docker/${'d'.repeat(64)}\n1:misc:/kubepods/pod${UID}/${CONTAINER}\n`
    assert.deepEqual(parseCgroup(text), { containerId: CONTAINER, podUid: UID })
  })
})

function expectedOf(name: string) {
  if (name.startsWith('host-')) return null
  if (name === 'containerd-1.6-captured') return CONTAINERD_VM
  if (inNoPod.includes(name)) return { containerId: CONTAINER, podUid: null }
  return { containerId: CONTAINER, podUid: name.startsWith('static-pod') ? STATIC : UID }
}

const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`))
const id = hex(64)
const uid = fc.oneof(fc.uuid(), hex(32))

/** The places that a runtime gives to container `id` of pod `uid`. */
const place = fc.tuple(id, uid).chain(([containerId, podUid]) => {
  const slice = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${podUid.replaceAll('-', '_')}.slice`
  const paths = [
    `/kubepods/pod${podUid}/${containerId}`,
    `/kubepods/burstable/pod${podUid}/crio-${containerId}`,
    `${slice}/cri-containerd-${containerId}.scope`,
    `${slice}/docker-${containerId}.scope`,
    `${slice}:cri-containerd:${containerId}`,
  ]
  return fc.record({ path: fc.constantFrom(...paths), ref: fc.constant({ containerId, podUid }) })
})

/** What a process may name the cgroups that it makes: anything but a slash and a line feed. */
const anyName = fc.string({ unit: anyCharacter, minLength: 1 }).map(name => name.replace(/[/\n]/g, '_'))

describe('parseCgroup, whatever it is given', () => {
  it('never throws, and an id is 64 hexadecimal digits', () => {
    const part = fc.oneof(
      fc.string({ unit: anyCharacter }),
      place.map(({ path }) => path),
      fc.constantFrom(
        '0::',
        '1:name=systemd:',
        '\n',
        '/',
        ':',
        '-',
        '.slice',
        '.scope',
        ' (deleted)',
        'pod',
        '/kubepods',
      ),
      id,
      uid,
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), parts => {
        const ref = parseCgroup(parts.join(''))
        assert.match(ref?.containerId ?? 'a'.repeat(64), /^[0-9a-f]{64}$/)
        assert.match(
          ref?.podUid ?? 'a'.repeat(32),
          /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
        )
      }),
      inputs(4000),
    )
  })

  it('is not fooled by cgroups that a container nests below its own', () => {
    const nested = fc.array(
      fc.oneof(
        anyName,
        place.map(({ path }) => path.slice(1)),
      ),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(place, nested, fc.nat(), ({ path, ref }, names, hierarchy) => {
        const text = `${hierarchy}:name=systemd:${[path, ...names].join('/')}\n`
        assert.deepEqual(parseCgroup(text), ref)
      }),
      inputs(2000),
    )
  })

  it('takes nothing from below a pod’s cgroup that is no container: its monitor, or what it does not know', () => {
    fc.assert(
      fc.property(
        uid,
        fc.constantFrom('crio-conmon-', 'kata_', 'x'),
        id,
        place,
        (podUid, prefix, monitor, victim) => {
          assert.equal(parseCgroup(`0::/kubepods/pod${podUid}/${prefix}${monitor}${victim.path}\n`), null)
        },
      ),
      inputs(2000),
    )
  })

  it('takes nothing from what a user of the node names after a pod', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ path }, user) => {
        assert.equal(parseCgroup(`0::/user.slice/user-${user}.slice/user@${user}.service${path}\n`), null)
      }),
      inputs(2000),
    )
  })
})
