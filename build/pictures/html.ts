/** A part of a page: text of ours with values in it, which are escaped where they are put in. */
export type Html = string

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

export function escaped(text: string): Html {
  return text.replace(/[&<>"]/g, character => ENTITIES[character] ?? character)
}

/** What a browser is shown: nothing in it comes from elsewhere, so the same text is the same picture. */
export function page(style: string, body: Html): Html {
  return `<!doctype html>
<meta charset="utf-8">
<style>
* { box-sizing: border-box; margin: 0; }
body { font: 15px/1.47 'Noto Sans', 'Noto Sans CJK SC', sans-serif; -webkit-font-smoothing: antialiased; }
code, pre { font-family: 'Noto Sans Mono', 'Noto Sans CJK SC', monospace; }
pre { white-space: pre-wrap; }
${style.trim()}
</style>
${body.trim()}
`
}
