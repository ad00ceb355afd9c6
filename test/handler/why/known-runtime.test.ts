import assert from 'node:assert/strict'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { knownRuntime } from '../../../handler/why/known-runtime.ts'
import { fixture, imageOf } from '../../crash/symbols/fixture.ts'
import { mutated } from '../../crash/symbols/mutated.ts'
import { inputs } from '../../inputs.ts'

const versions = fixture('versions-x86_64.so')
const other = fixture('functions-x86_64.so')

const SAID: readonly (readonly [string, string])[] = [
  ['/usr/bin/python3.13', '3.13.0rc1'],
  ['/usr/local/bin/node', '20.11.1'],
  ['/usr/lib/libruby.so.3.3', '3.3.10'],
  ['/usr/bin/perl', '5.36.0'],
]
for (const [file, version] of SAID)
  it(`knownRuntime() of ${file} is of the version that its constants say`, () => {
    assert.equal(knownRuntime([{ path: file, image: imageOf(versions) }])?.version, version)
  })

it('knownRuntime() has the version of the library where the program has none', () => {
  const program = { path: '/usr/local/bin/python3.13', image: imageOf(other) }
  const library = { path: '/usr/local/lib/libpython3.13.so.1.0', image: imageOf(versions) }
  assert.deepEqual(knownRuntime([program, library]), { name: 'Python', version: '3.13.0rc1' })
  assert.deepEqual(knownRuntime([program]), { name: 'Python', version: '3.13' })
  assert.deepEqual(knownRuntime([program, { ...library, path: '/app/libother.so' }])?.version, '3.13')
})

it('knownRuntime() of Java is of the version that the release of its JDK says', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'coredog-known-runtime-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(path.join(folder, 'release'), 'JAVA_VERSION="17.0.15"\n')
  await using file = await open(path.join(folder, 'release'))
  const release = { kind: 'jvm-release', path: '/opt/jdk/release', fd: file.fd, sizeBytes: 23 } as const
  const jvm = { path: '/opt/jdk/lib/server/libjvm.so', image: null }
  assert.deepEqual(knownRuntime([jvm], [release]), { name: 'Java', version: '17.0.15' })
  assert.deepEqual(knownRuntime([jvm], [{ ...release, sizeBytes: 7 }]), { name: 'Java' })
  assert.deepEqual(knownRuntime([{ path: '/usr/bin/python3', image: null }], [release]), { name: 'Python' })
})

it('knownRuntime() believes no constant that is no version', () => {
  for (const [file, bytes, version] of [
    ['/usr/bin/python3.13', Buffer.from([0xc1, 0, 13, 3]), '3.13'],
    ['/usr/lib/libruby-3.3.so', Buffer.from('3.3.10'), '3.3'],
    ['/usr/local/bin/node', Buffer.from([20, 0, 0, 0, 11]), undefined],
  ] as const) {
    const broken = Buffer.from(versions)
    broken.fill(0xee, broken.indexOf(bytes), broken.indexOf(bytes) + bytes.length)
    assert.equal(knownRuntime([{ path: file, image: imageOf(broken) }])?.version, version)
  }
})

it('knownRuntime() never throws, whatever a file says, and a version is short', () => {
  fc.assert(
    fc.property(mutated(versions), fc.constantFrom(...SAID), (bytes, [file]) => {
      const runtime = knownRuntime([{ path: file, image: ElfImage.open(bytesOf(bytes)) }])
      assert.match(runtime?.version ?? '', /^[\w.]{0,16}$/)
    }),
    inputs(),
  )
})
