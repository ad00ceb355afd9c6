import assert from 'node:assert/strict'
import { it } from 'node:test'
import { countedCode, STEPS_LEFT } from '../../../crash/symbols/counted-code.ts'

declare const WebAssembly: {
  Module: new (code: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: { [STEPS_LEFT]: { value: number }; f: () => void } }
}

const LOCAL = '01027f'
const LOOP_FOR_EVER = '0340' + '0c00' + '0b'
const CALLS_ITSELF = '1000'
const TABLE = '4100' + '0e010000'
const ENDS = [
  { what: 'a loop', instructions: LOOP_FOR_EVER },
  { what: 'a function that calls itself', instructions: CALLS_ITSELF },
  {
    what: 'a loop behind numbers that look like one',
    instructions: `4183031a4403030303030303031a${LOOP_FOR_EVER}`,
  },
  { what: 'a loop by a table of branches', instructions: `0340${TABLE}0b` },
]
for (const { what, instructions } of ENDS)
  it(`countedCode() ends ${what}`, () => {
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(countedCode(program(instructions), 1)),
    )
    exports[STEPS_LEFT].value = 1000
    assert.throws(() => exports.f(), /unreachable/)
    assert.equal(exports[STEPS_LEFT].value, 0)
  })

it('countedCode() lets what needs fewer steps end by itself', () => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(countedCode(program('01'), 1)))
  exports[STEPS_LEFT].value = 2
  exports.f()
  assert.equal(exports[STEPS_LEFT].value, 1)
})

it('countedCode() refuses instructions that it does not know, and other memory', () => {
  assert.throws(() => countedCode(program('fd0c'), 1), /unknown instruction/)
  assert.throws(() => countedCode(Buffer.from(`${HEADER}0504010101ff`.slice(0, 28), 'hex'), 1), /memory/)
})

const HEADER = '0061736d01000000'

/** A function `f` of these instructions, in a module with no globals. */
function program(instructions: string): Buffer {
  const body = `${LOCAL}${instructions}0b`
  const code = `01${byte(body.length / 2)}${body}`
  const sections = ['0104' + '01600000', '0302' + '0100', '0601' + '00', '0705' + '0101660000']
  return Buffer.from(`${HEADER}${sections.join('')}0a${byte(code.length / 2)}${code}`, 'hex')
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0')
}
