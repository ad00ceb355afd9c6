import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'
import { ownArchitecture } from '../../build/node-binary.ts'

const PROGRAM = path.resolve(import.meta.dirname, '../../build/image.ts')
const OTHER = ownArchitecture() === 'x64' ? 'arm64' : 'x64'

function image(...args: readonly string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, [PROGRAM, ...args])
}

it('says how it is called', async () => {
  assert.match(
    (await image('--help')).stdout,
    /^Usage: npm run image .*\n[\s\S]*--tag=NAME .*ghcr\.io\/coredog\//,
  )
})

for (const [args, message] of [
  [['--tag=coredog'], /^Cannot call an image "coredog"\nGive registry, repository and tag in full/],
  [
    [`--arch=${OTHER}`, '--libraries=machine'],
    new RegExp(`^Cannot make an image for ${OTHER} with the libraries of this machine.*\\nLeave out`),
  ],
  [
    ['--arch=all', '--libraries=machine'],
    /^Cannot make an image for x64 and arm64 with the libraries of this/,
  ],
  [['--arch=sparc'], /^Cannot build for "sparc"\nGive --arch=x64, /],
  [['--libraries=alpine'], /^Cannot take libraries of "alpine"\nGive --libraries=debian or /],
  [['--unknown'], /^Unknown option '--unknown'/],
] as const) {
  it(`refuses ${args.join(' ')} before it builds anything`, async () => {
    await assert.rejects(image(...args), (thrown: { code: number; stdout: string; stderr: string }) => {
      assert.equal(thrown.code, 1)
      assert.equal(thrown.stdout, '')
      assert.match(thrown.stderr, message)
      return true
    })
  })
}
