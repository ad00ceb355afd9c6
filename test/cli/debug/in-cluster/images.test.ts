import assert from 'node:assert/strict'
import { it } from 'node:test'
import { imagesFor } from '../../../../cli/debug/in-cluster/images.ts'
import type { CoredumpSpec } from '../../../../coredump/coredump.ts'
import { crashOf } from '../pretended-source.ts'

const DIGEST = `registry.example/web@sha256:${'a'.repeat(64)}`
const FILE = { path: '/app/web', file: 'f', sizeBytes: 1 }
const FILES = { core: 'c', program: 'p', symbols: [] }

function asked(spec: Partial<CoredumpSpec>, modules: number, debuggerImage?: string) {
  const { crash } = crashOf(Buffer.from('a core'))
  const said: string[] = []
  const images = imagesFor({
    crash: { ...crash, spec: { ...crash.spec, ...spec } },
    files: { ...FILES, modules: Array.from({ length: modules }, () => FILE) },
    options: { cacheSize: 1, requestTimeout: 1, memory: '1Gi', ...(debuggerImage && { debuggerImage }) },
    say: text => said.push(text),
  })
  return { ...images, said }
}

for (const imageId of [DIGEST, `docker-pullable://${DIGEST}`])
  it(`imagesFor() takes the image that crashed by its digest: ${imageId.slice(0, 20)}`, () => {
    const spec = { image: 'registry.example/web:1', imageId }
    assert.deepEqual(asked(spec, 1), { image: DIGEST, crashed: null, needsFiles: true, said: [] })
  })

it('imagesFor() takes its tag where no registry has the digest, and says so', () => {
  const { image, said } = asked({ image: 'web:1', imageId: `sha256:${'a'.repeat(64)}` }, 1)
  assert.equal(image, 'web:1')
  assert.match(said.join(), /by its tag alone, web:1/)
})

it('imagesFor() has the crashed image beside that of the debugger, for the libraries that are not stored', () => {
  const spec = { image: 'web:1', imageId: DIGEST }
  assert.deepEqual(asked(spec, 1, 'gdb:1'), { image: 'gdb:1', crashed: DIGEST, needsFiles: true, said: [] })
  assert.deepEqual(asked(spec, 2, 'gdb:1'), { image: 'gdb:1', crashed: null, needsFiles: false, said: [] })
})

it('imagesFor() needs no crashed image where another has the debugger', () => {
  assert.deepEqual(asked({}, 1, 'gdb:1'), { image: 'gdb:1', crashed: null, needsFiles: false, said: [] })
  assert.throws(() => asked({}, 1), /Nobody says of which image the crash was/)
})
