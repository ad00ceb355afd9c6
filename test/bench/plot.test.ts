import assert from 'node:assert/strict'
import { it } from 'node:test'
import { plot } from '../../bench/plot.ts'

const BAR = { label: 'cat >/dev/null', value: 2, from: 1, to: 4, ours: false }
const HALF = { label: 'ours & "theirs" <b>\u0007', value: 1, from: 1, to: 1, ours: true }

it('is a well-formed document, whatever the labels are', () => {
  const svg = plot('a & b', [{ title: 'c < d', unit: 's', bars: [BAR, HALF] }])
  assert.deepEqual(openAtTheEnd(svg), [])
  assert.doesNotMatch(svg, /&(?!amp;|lt;|gt;|quot;)/)
  assert.ok(!svg.includes('\u0007'))
  assert.match(svg, />cat &gt;\/dev\/null</)
  assert.match(svg, />ours &amp; &quot;theirs&quot; &lt;b&gt;�</)
})

it('bars are as long as what they stand for', () => {
  const svg = plot('', [{ title: '', unit: 's', bars: [BAR, HALF] }])
  const [first = 0, second = 0] = widths(svg)
  assert.ok(first > 0)
  assert.equal(second, first / 2)
})

it('charts lie below each other, and inside', () => {
  const chart = { title: '', unit: 's', bars: [BAR, HALF] }
  const svg = plot('', [chart, chart])
  const tops = [...svg.matchAll(/<rect [^>]* y="(\d+)"/g)].map(([, y]) => Number(y))
  assert.deepEqual(
    tops,
    tops.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(tops).size, 4)
  assert.ok(Math.max(...tops) + 16 < Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)?.[1]))
})

function widths(svg: string): number[] {
  return [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width))
}

/** Elements that are not closed; throws at one that was not opened. */
function openAtTheEnd(svg: string): string[] {
  const open: string[] = []
  for (const [, close, name = '', alone] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (close) assert.equal(open.pop(), name)
    else if (!alone) open.push(name)
  }
  assert.doesNotMatch(svg.replace(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, ''), /[<>]/)
  return open
}
