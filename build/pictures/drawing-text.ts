/** What a drawing is made of, as a text says it. */
export interface Drawing {
  readonly title: string
  /** What stands over the frame around the first two columns. */
  readonly frame: string
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
}

export interface Box {
  readonly name: string
  /** From 1. */
  readonly column: number
  readonly row: number
  readonly kind: string
  /** The first one is what it is called. */
  readonly lines: readonly string[]
}

export interface Arrow {
  readonly from: End
  readonly to: End
  /** What happens only when something else does not. */
  readonly isDashed: boolean
  /** On which side of it its words are. */
  readonly words: 'above' | 'below' | 'left' | 'right'
  readonly lines: readonly string[]
}

export interface End {
  readonly box: string
  readonly side: 'left' | 'right' | 'top' | 'bottom'
  /** How far from the middle of that side. */
  readonly shift: number
}

const BOX = /^box (?<name>\w+) +(?<column>\d) +(?<row>\d) +(?<kind>\w+) +\| (?<text>.*)$/
const END = /^(?<box>\w+)\.(?<side>left|right|top|bottom)(?<shift>[+-]\d+)?$/
const ARROW =
  /^arrow (?<from>\S+) +(?<line>->|~>) +(?<to>\S+) +(?<words>above|below|left|right) +\| (?<text>.*)$/

export function drawingOf(text: string): Drawing {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  const starting = (word: string) => lines.filter(line => line.startsWith(`${word} `))
  const known = ['title', 'frame', 'box', 'arrow'].flatMap(starting)
  const unknown = lines.find(line => !known.includes(line))
  if (unknown !== undefined) throw new Error(`Cannot draw "${unknown}"`)
  return {
    title: starting('title')[0]?.slice('title '.length) ?? '',
    frame: starting('frame')[0]?.split(' | ')[1] ?? '',
    boxes: starting('box').map(boxOf),
    arrows: starting('arrow').map(arrowOf),
  }
}

function boxOf(line: string): Box {
  const { name = '', column, row, kind = '', text = '' } = partsOf(BOX, line)
  return { name, column: Number(column), row: Number(row), kind, lines: text.split(' / ') }
}

function arrowOf(line: string): Arrow {
  const { from = '', to = '', words, text = '', line: dash } = partsOf(ARROW, line)
  return {
    from: endOf(from),
    to: endOf(to),
    isDashed: dash === '~>',
    words: words as Arrow['words'],
    lines: text.split(' / '),
  }
}

function endOf(text: string): End {
  const { box = '', side, shift = '0' } = partsOf(END, text)
  return { box, side: side as End['side'], shift: Number(shift) }
}

function partsOf(form: RegExp, text: string): Partial<Record<string, string>> {
  const parts = form.exec(text)?.groups
  if (parts === undefined) throw new Error(`Cannot draw "${text}": it is to be ${form}`)
  return parts
}
