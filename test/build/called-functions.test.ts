import assert from 'node:assert/strict'
import { it } from 'node:test'
import { bothFunctions, calledFunctions, countFunctions } from '../../build/called-functions.ts'

function counted(url: string, spans: readonly (readonly [start: number, end: number, count: number])[]) {
  const functions = spans.map(([startOffset, endOffset, count]) => ({
    ...{ functionName: '', isBlockCoverage: false, ranges: [{ startOffset, endOffset, count }] },
  }))
  return { scriptId: '1', url, functions }
}

it('calledFunctions() has what was called, and what is short and directly within it', () => {
  const program = counted('program', [
    [0, 1000, 1],
    [100, 300, 0],
    [110, 120, 0],
    [400, 600, 3],
    [410, 450, 0],
    [420, 430, 0],
    [500, 541, 0],
    [900, 920, 0],
  ])
  assert.deepEqual(calledFunctions([program, counted('node:fs', [[0, 9, 1]])], ['program']), {
    program: [449, 599, 919, 999],
  })
})

it('bothFunctions() has those of either, in one order', () => {
  const [one, other] = [
    { why: [7], main: [5, 9] },
    { program: [2], main: [1, 5] },
  ]
  assert.deepEqual(bothFunctions(one, other), { main: [1, 5, 9], program: [2], why: [7] })
  assert.equal(JSON.stringify(bothFunctions(one, other)), JSON.stringify(bothFunctions(other, one)))
  assert.equal(countFunctions(bothFunctions(one, other)), 5)
})
