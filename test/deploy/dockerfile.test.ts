import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { build } from 'esbuild'
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
