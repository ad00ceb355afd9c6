import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseDuration } from '../../config/duration.ts'
import { parsePercent } from '../../config/percent.ts'
import { parseSize } from '../../config/size.ts'
import { inputs } from '../inputs.ts'

const sizes = {
  '0': 0,
  '4096': 4096,
  '64Gi': 64 * 2 ** 30,
  '512Mi': 512 * 2 ** 20,
  '512MiB': 512 * 2 ** 20,
  '1G': 1e9,
  '1GB': 1e9,
  '20 Gi': 20 * 2 ** 30,
  '1.5Gi': 1.5 * 2 ** 30,
  '7k': 7000,
  '8191Ti': 8191 * 2 ** 40,
  '8Pi': undefined,
  '64GI': undefined,
  '64g': undefined,
  '-1': undefined,
  '1e3': undefined,
  '0x10': undefined,
  Gi: undefined,
  '': undefined,
  '1.Gi': undefined,
  '64Gi 2Mi': undefined,
  '١Gi': undefined,
}

for (const [text, bytes] of Object.entries(sizes)) {
  it(`parseSize() reads "${text}" as ${bytes}`, () => assert.equal(parseSize(text), bytes))
}

const durations = {
  '0': 0,
  '0s': 0,
  '90': 90,
  '5m': 300,
  '1h30m': 5400,
  '1d': 86_400,
  '1500ms': 1.5,
  '2s500ms': 2.5,
  '1d1h1m1s': 90_061,
  '30m1h': undefined,
  '5m5m': undefined,
  '5 m': undefined,
  '-5m': undefined,
  '5M': undefined,
  '1.5h': undefined,
  m: undefined,
  '': undefined,
  '99999999999999999': undefined,
}

for (const [text, seconds] of Object.entries(durations)) {
  it(`parseDuration() reads "${text}" as ${seconds}`, () => assert.equal(parseDuration(text), seconds))
}

const percents = {
  '15%': 0.15,
  '0%': 0,
  '100%': 1,
  '7.5 %': 0.075,
  '101%': undefined,
  '15': undefined,
  '0.15': undefined,
  '-1%': undefined,
  '%': undefined,
  '': undefined,
}

for (const [text, share] of Object.entries(percents)) {
  it(`parsePercent() reads "${text}" as ${share}`, () => assert.equal(parsePercent(text), share))
}

it('parseSize() multiplies by the unit', () => {
  const units = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, k: 1e3, M: 1e6, G: 1e9, T: 1e12 }
  const unit = fc.constantFrom(...Object.entries(units))
  fc.assert(
    fc.property(fc.nat({ max: 8191 }), unit, (count, [name, bytes]) => {
      assert.equal(parseSize(`${count}${name}`), count * bytes)
    }),
    inputs(2000),
  )
})

it('parseDuration() adds up hours, minutes and seconds', () => {
  const upTo59 = fc.nat({ max: 59 })
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), upTo59, upTo59, (h, m, s) => {
      assert.equal(parseDuration(`${h}h${m}m${s}s`), h * 3600 + m * 60 + s)
    }),
    inputs(2000),
  )
})

for (const parse of [parseSize, parseDuration, parsePercent]) {
  it(`${parse.name}() reads any text as a finite number that is not negative, or as none`, () => {
    const near = fc.stringMatching(/^[-+.0-9 dhmskKMGTPiB%e]{0,24}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), text => {
        const value = parse(text) ?? 0
        assert.ok(Number.isFinite(value) && value >= 0, `${text}: ${value}`)
      }),
      inputs(5000),
    )
  })
}
