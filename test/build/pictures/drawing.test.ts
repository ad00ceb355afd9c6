import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { drawn } from '../../../build/pictures/drawing.ts'
import { type Drawing, drawingOf } from '../../../build/pictures/drawing-text.ts'

const FOLDER = path.resolve(import.meta.dirname, '../../../build/pictures')
const BOXES = `title A & B
frame node | node
box a 1 1 ours | a / one
box b 2 1 world | b
`

it('an arrow goes from side to side, its words beside it', () => {
  const svg = drawn(drawingOf(`${BOXES}arrow a.right ~> b.left above | yes\n`))
  assert.match(svg, /<title>A &amp; B<\/title>/)
  assert.match(svg, /<path class="dashed" d="M230 92 L356 92" marker-end/)
  assert.match(svg, /<text x="293" y="84" text-anchor="middle">yes<\/text>/)
})

it('an arrow to another side has one corner', () => {
  const svg = drawn(drawingOf(`${BOXES}box c 2 2 ours | c\narrow a.bottom+10 -> c.left below | yes\n`))
  assert.match(svg, /<path d="M142 130 L142 224 L356 224"/)
})

it('what cannot be drawn is refused', () => {
  const wrong = ['line a b', 'box a 1 ours | a', 'arrow a.middle -> b.left above | x']
  for (const line of wrong) assert.throws(() => drawingOf(`${BOXES}${line}\n`), /Cannot draw/, line)
  assert.throws(() => drawn(drawingOf(`${BOXES}arrow a.left -> x.left above | x\n`)), /no box "x"/)
})

it('in both languages the same is drawn, and no two things stand in one place', () => {
  const [english, chinese] = ['architecture', 'architecture.zh-CN'].map(name =>
    drawingOf(readFileSync(path.join(FOLDER, `${name}.txt`), 'utf8')),
  ) as [Drawing, Drawing]
  assert.deepEqual(withoutWords(chinese), withoutWords(english))
  const places = english.boxes.map(({ column, row }) => `${column} ${row}`)
  assert.equal(new Set(places).size, places.length)
})

function withoutWords({ boxes, arrows }: Drawing): object {
  return [...boxes, ...arrows].map(one => ({ ...one, lines: one.lines.length }))
}
