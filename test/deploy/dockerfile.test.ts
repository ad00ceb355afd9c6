import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { build } from 'esbuild'
import { labelsOf } from '../../build/image-labels.ts'
import { SETTINGS } from '../../build/make-image.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const lines = readFileSync(path.join(ROOT, 'deploy/Dockerfile'), 'utf8').split('\n')
const ignored = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8').split('\n')

const PROGRAMS = ['installer', 'webhook', 'handler']

it('starts what `npm run image` starts, as the same user', () => {
  assert.ok(lines.includes(`ENTRYPOINT ${JSON.stringify(SETTINGS.Entrypoint)}`))
  assert.ok(lines.includes(`ENV ${SETTINGS.Env[0]}`))
  assert.ok(lines.includes(`USER ${SETTINGS.User}`))
})

it('is made of what a digest says, and of nothing else', () => {
  const bases = lines.flatMap(line => /^(?:FROM|ARG \w+_BASE=) ?(\S+)/.exec(line)?.[1] ?? [])
  assert.deepEqual(bases.slice(1), [`\${BUILD_BASE}`, 'scratch'])
  assert.match(bases[0] ?? '', /^docker\.io\/library\/node:24-bookworm@sha256:[\da-f]{64}$/)
})

it('says of itself what `npm run image` says, but for version and commit', async () => {
  const labels = labelsOf(
    { description: '', license: 'Apache-2.0', version: '' },
    { commit: null, date: null },
  )
  const said = [...lines.join('\n').matchAll(/(org\.opencontainers\.image\.\w+)="([^"]*)"/g)]
  assert.ok(said.length >= 6)
  for (const [, name = '', value] of said) assert.equal(value, labels[name], name)
})

for (const program of PROGRAMS) {
  it(`gives the build all that the ${program} is made of`, async () => {
    const entryPoints = [path.join(ROOT, program, 'main.ts')]
    const { metafile } = await build({
      entryPoints,
      absWorkingDir: ROOT,
      bundle: true,
      platform: 'node',
      outfile: 'unwritten.js',
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    const inputs = Object.keys(metafile.inputs).filter(file => !file.startsWith('node_modules/'))
    assert.ok(inputs.includes(`${program}/main.ts`))
    assert.deepEqual(
      inputs.filter(file => ignored.includes(file.split('/')[0] ?? '')),
      [],
    )
  })
}
