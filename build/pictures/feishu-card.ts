import { DOG } from './dog.ts'
import { escaped, type Html, page } from './html.ts'
import { larkHtml } from './lark-markup.ts'

interface Text {
  readonly tag: string
  readonly content: string
}

interface Element {
  readonly tag: string
  readonly text?: Text
  readonly fields?: readonly { readonly is_short: boolean; readonly text: Text }[]
  readonly actions?: readonly { readonly text: Text }[]
  readonly elements?: readonly Text[]
}

interface Card {
  readonly header: { readonly template: string; readonly title: Text }
  readonly elements: readonly Element[]
}

/** What Feishu is sent, as a person sees it there: card 1.0. */
export function feishuCard({ card: { header, elements } }: { readonly card: Card }): Html {
  const head = `<div class="head">CoreDog <span class="bot">机器人</span></div>`
  const body = `<main><div class="message">${DOG}<div>${head}
<div class="card"><h1 class="${header.template}">${textOf(header.title)}</h1><div class="body">
${elements.map(elementOf).join('\n')}
</div></div></div></div></main>`
  return page(STYLE, body)
}

function elementOf({ tag, text, fields = [], actions = [], elements = [] }: Element): Html {
  if (tag === 'hr') return '<hr>'
  if (tag === 'note') return `<div class="note">${elements.map(textOf).join(' ')}</div>`
  if (tag === 'action') return actions.map(action => `<button>${textOf(action.text)}</button>`).join(' ')
  if (tag !== 'div') throw new Error(`Cannot draw an element of Feishu's "${tag}"`)
  if (text !== undefined) return `<div>${textOf(text)}</div>`
  return `<div class="fields">${fields.map(fieldOf).join('')}</div>`
}

function fieldOf({ is_short: isShort, text }: { is_short: boolean; text: Text }): Html {
  return `<div class="${isShort ? 'short' : 'long'}">${textOf(text)}</div>`
}

function textOf({ tag, content }: Text): Html {
  return tag === 'lark_md' ? larkHtml(content) : escaped(content).replaceAll('\n', '<br>')
}

const STYLE = `
main { width: 640px; background: #f2f3f5; color: #1f2329; }
.message { display: flex; gap: 10px; padding: 16px 20px; }
.message > div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.dog { flex: none; width: 36px; height: 36px; }
.head { font-size: 12px; color: #646a73; margin-bottom: 5px; }
.bot { background: #fdf3d8; color: #9c6200; border-radius: 3px; padding: 1px 4px; font-size: 11px; }
.card { background: #fff; border: 1px solid #dee0e3; border-radius: 8px; overflow: hidden; }
h1 { font-size: 16px; line-height: 1.5; padding: 11px 14px; }
h1.blue { background: #e1eaff; color: #0c296e; }
h1.orange { background: #feead2; color: #66300a; }
h1.red { background: #fde2e2; color: #621b18; }
.body { display: grid; gap: 11px; padding: 14px; font-size: 14px; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 16px; }
.long { grid-column: 1 / 3; }
a { color: #245bdb; }
hr { border: 0; border-top: 1px solid #dee0e3; width: 100%; }
button { justify-self: start; font: inherit; background: #245bdb; color: #fff; border: 0; border-radius: 6px; padding: 5px 14px; }
.note { font-size: 12px; color: #8f959e; }
`
