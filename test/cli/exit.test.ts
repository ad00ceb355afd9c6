import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CliError, EXIT, exitCodeOf } from '../../cli/exit.ts'
import { NotFoundError, StoreError } from '../../storage/errors.ts'

it('exitCodeOf() tells what a script goes by', () => {
  const answered = (httpStatusCode: number) =>
    Object.assign(new Error('x'), { name: 'X', $metadata: { httpStatusCode } })
  const codes = [
    new CliError(EXIT.incomplete, 'x', 'y'),
    new NotFoundError('get', 'k', answered(404)),
    new StoreError('get', 'k', answered(403)),
    new StoreError('get', 'k', answered(401)),
    new StoreError('get', 'k', answered(500)),
    new Error('x'),
    undefined,
  ].map(exitCodeOf)
  assert.deepEqual(codes, [5, 3, 4, 4, 1, 1, 1])
})
