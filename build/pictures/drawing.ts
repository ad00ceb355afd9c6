import type { Arrow, Box, Drawing, End } from './drawing-text.ts'
import { escaped } from './html.ts'

const BOX_WIDTH = 196
const BOX_HEIGHT = 76
const COLUMN = 322
const ROW = 132
const LEFT = 34
const TOP = 54
const WIDTH = LEFT + 2 * COLUMN + BOX_WIDTH + LEFT - 12
const HEIGHT = TOP + 2 * ROW + BOX_HEIGHT + 34
const LINE = 15

interface Point {
  readonly x: number
  readonly y: number
}

// It brings its own background: what it is shown on may be white or black.
const STYLE = `
  text { font: 12px system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif; fill: #3d4752; }
  .name { font-weight: 600; font-size: 14px; fill: #1f2328; }
  .paper { fill: #ffffff; stroke: #d0d7de; } .frame { fill: #f6f8fa; stroke: #afb8c1; }
  .crash { fill: #ffebe9; stroke: #cf222e; } .kernel { fill: #eaeef2; stroke: #57606a; }
  .ours { fill: #ddf4ff; stroke: #0969da; } .world { fill: #fff8c5; stroke: #9a6700; }
  path { fill: none; stroke: #57606a; stroke-width: 1.6; } .dashed { stroke-dasharray: 5 4; }
  marker path { fill: #57606a; stroke: none; }
`

/** An SVG document: boxes on a grid, and arrows of straight lines between them. */
export function drawn({ title, frame, boxes, arrows }: Drawing): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 10 5 0 10z"/></marker>',
    `<rect class="paper" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>`,
    `<rect class="frame" x="16" y="14" width="${LEFT + COLUMN + BOX_WIDTH + 2}" height="${HEIGHT - 28}" rx="8"/>`,
    `<text class="name" x="30" y="36">${escaped(frame)}</text>`,
    ...boxes.map(boxDrawn),
    ...arrows.map(arrow => arrowDrawn(arrow, boxes)),
    '</svg>\n',
  ].join('\n')
}

function cornerOf({ column, row }: Box): Point {
  return { x: LEFT + (column - 1) * COLUMN, y: TOP + (row - 1) * ROW }
}

function boxDrawn(box: Box): string {
  const { x, y } = cornerOf(box)
  const first = y + BOX_HEIGHT / 2 + 5 - ((box.lines.length - 1) * LINE) / 2
  const texts = box.lines.map((line, at) => {
    const name = at === 0 ? ' class="name"' : ''
    return `<text${name} x="${x + BOX_WIDTH / 2}" y="${first + at * (LINE + 1)}" text-anchor="middle">${escaped(line)}</text>`
  })
  const shape = `<rect class="${box.kind}" x="${x}" y="${y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="6"/>`
  return [shape, ...texts].join('\n')
}

function arrowDrawn(arrow: Arrow, boxes: readonly Box[]): string {
  const [from, to] = [arrow.from, arrow.to].map(end => pointOf(end, boxes)) as [Point, Point]
  const isUpright = arrow.from.side === 'top' || arrow.from.side === 'bottom'
  const corner = isUpright ? { x: from.x, y: to.y } : { x: to.x, y: from.y }
  // A point twice would turn the head of the arrow.
  const path = [...new Set([from, corner, to].map(({ x, y }) => `${x} ${y}`))].join(' L')
  const dashed = arrow.isDashed ? ' class="dashed"' : ''
  return [`<path${dashed} d="M${path}" marker-end="url(#head)"/>`, ...wordsDrawn(arrow, from, to)].join('\n')
}

function pointOf({ box: name, side, shift }: End, boxes: readonly Box[]): Point {
  const box = boxes.find(one => one.name === name)
  if (box === undefined) throw new Error(`Cannot draw an arrow: there is no box "${name}"`)
  const { x, y } = cornerOf(box)
  if (side === 'left' || side === 'right')
    return { x: side === 'left' ? x : x + BOX_WIDTH, y: y + BOX_HEIGHT / 2 + shift }
  return { x: x + BOX_WIDTH / 2 + shift, y: side === 'top' ? y : y + BOX_HEIGHT }
}

function wordsDrawn({ words, lines, from: { side } }: Arrow, from: Point, to: Point): string[] {
  const isUpright = side === 'top' || side === 'bottom'
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  // Of an arrow with a corner, its level part.
  const level = isUpright ? to.y : from.y
  const along = isUpright ? { x: from.x, anchor: 'start' } : { x: middle.x, anchor: 'middle' }
  const places = {
    above: { ...along, y: level - 8 - (lines.length - 1) * LINE },
    below: { ...along, y: level + 18 },
    left: { x: from.x - 8, y: middle.y + 4 - ((lines.length - 1) * LINE) / 2, anchor: 'end' },
    right: { x: from.x + 8, y: middle.y + 4 - ((lines.length - 1) * LINE) / 2, anchor: 'start' },
  }
  const { x, y, anchor } = places[words]
  return lines.map(
    (line, at) => `<text x="${x}" y="${y + at * LINE}" text-anchor="${anchor}">${escaped(line)}</text>`,
  )
}
