import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseImageName } from '../../build/image-name.ts'

for (const [text, tag] of [
  ['ghcr.io/coredog/coredog:0.1.0', '0.1.0'],
  ['localhost/coredog-e2e/coredog:1', '1'],
  ['localhost:5000/coredog:latest', 'latest'],
  ['registry.example.com:443/team/core_dog/node-agent:v1.2-rc.1_3', 'v1.2-rc.1_3'],
]) {
  it(`takes ${text}`, () => assert.deepEqual(parseImageName(text ?? ''), { full: text, tag }))
}

for (const text of [
  '',
  'coredog',
  'coredog:1',
  'team/coredog:1',
  'ghcr.io/coredog/coredog',
  'ghcr.io/CoreDog/coredog:1',
  'ghcr.io//coredog:1',
  'ghcr.io/coredog:',
  'ghcr.io/coredog:-1',
  'https://ghcr.io/coredog:1',
  'ghcr.io/coredog:1\n',
  'ghcr.io/coredog@sha256:0000:1',
  `ghcr.io/${'a-'.repeat(50_000)}:1`,
]) {
  it(`does not take ${JSON.stringify(text).slice(0, 60)}`, () => {
    assert.throws(() => parseImageName(text), /^OperatorError: Cannot call an image "/)
  })
}
