import { escaped, type Html, page } from './html.ts'

/** A terminal in which `command` was given, and said `output`. What is too long for it ends in an ellipsis. */
export function terminal(command: string, output: string): Html {
  const lines = output.split('\n').map(line => `<div>${escaped(line)}</div>`)
  return page(
    STYLE,
    `<main><header><i></i><i></i><i></i></header>
<section><div><b>$</b> ${escaped(command)}</div>
${lines.join('\n')}
</section></main>`,
  )
}

const STYLE = `
main { width: 840px; background: #161b22; color: #d6dde5; }
header { display: flex; gap: 8px; padding: 12px 14px; background: #21262d; }
header i { width: 12px; height: 12px; border-radius: 50%; background: #484f58; }
section { padding: 14px 18px 6px; font: 13px/1.5 'Noto Sans Mono', 'Noto Sans CJK SC', monospace; }
section div { white-space: pre; overflow: hidden; text-overflow: ellipsis; min-height: 1.5em; }
b { color: #7ee787; }
`
