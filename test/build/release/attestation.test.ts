import assert from 'node:assert/strict'
import { it } from 'node:test'
import { commitsIn } from '../../../build/release/attestation.ts'
import { buildOf, provenanceOf } from '../../../build/release/provenance.ts'

const envelopeOf = (predicate: unknown) =>
  JSON.stringify({ payload: Buffer.from(JSON.stringify({ predicate })).toString('base64') })
const madeOf = (commit: string) => envelopeOf(provenanceOf(buildOf({}, commit)))

it('says of which commits something was made, each once', () => {
  assert.deepEqual(commitsIn(`${madeOf('a')}\n${madeOf('a')}\n`), ['a'])
  assert.deepEqual(commitsIn(`${madeOf('a')}\n${madeOf('b')}\n`), ['a', 'b'])
})

it('a statement that names none counts, too', () => {
  for (const predicate of [undefined, {}, { buildDefinition: { resolvedDependencies: [{ digest: {} }] } }])
    assert.deepEqual(commitsIn(`${madeOf('a')}\n${envelopeOf(predicate)}`), ['a', 'no commit'])
})

it('nothing has no commit', () => {
  assert.deepEqual(commitsIn('\n'), [])
})
