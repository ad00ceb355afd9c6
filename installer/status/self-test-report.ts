import type { Outcome } from '../node/run-on-host.ts'

/** One line of the handler's self-test. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** It is ok, and yet an operator should look at it. */
  readonly warning?: true
  readonly text: string
  readonly hint?: string
}

/**
 * Reads what `coredog-handler self-test` printed: `ok     name: text`, `warn   …` or `FAILED …`, and hints
 * below.
 */
export function parseSelfTest({ stdout, stderr, exitCode }: Outcome): readonly Check[] {
  const checks: Check[] = []
  for (const line of stdout.split('\n')) {
    const [, verdict, name, text] = /^(ok {4}|warn {2}|FAILED) (.+?): (.*)$/.exec(line) ?? []
    const last = checks.at(-1)
    if (name !== undefined && text !== undefined) checks.push(checkOf(verdict, name, text))
    else if (last !== undefined && line.startsWith('       '))
      checks.splice(-1, 1, { ...last, hint: line.trim() })
  }
  return exitCode === null || checks.length === 0 ? [...checks, unfinished(stderr)] : checks
}

function checkOf(verdict: string | undefined, name: string, text: string): Check {
  return { name, ok: verdict !== 'FAILED', ...(verdict === 'warn  ' && { warning: true }), text }
}

function unfinished(stderr: string): Check {
  const said = stderr.trim().split('\n')[0] ?? ''
  return {
    name: 'self-test',
    ok: false,
    text: said === '' ? 'it did not end in time' : said,
    hint: 'Run `coredog-handler self-test` on the node.',
  }
}
