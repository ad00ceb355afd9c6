import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'

const DEMO = path.resolve(import.meta.dirname, '../../demo/main.ts')
const FILE = path.join(import.meta.dirname, 'demo.txt')

/** What `npm run demo` said when it was recorded. */
export function recordedDemo(): string {
  return readFileSync(FILE, 'utf8')
}

/** Records the demo anew if it says something else; whether it can: where there is no C compiler, it says less. */
export async function recordDemo(): Promise<boolean> {
  const said = await runDemo()
  if (said.includes('Without a C compiler')) return false
  if (constantOf(said) !== constantOf(recordedDemo())) writeFileSync(FILE, said)
  return true
}

export async function runDemo(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-pictures-'))
  try {
    const { stdout } = await execa(process.execPath, [DEMO], { env: { TMPDIR: folder } })
    return `${stdout.replaceAll(folder, '/tmp')}\n`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// Names of this run and this machine, and its libc.
const VARYING = /^(?:┃ )?(?:\$ |Program |Node |core of |CoreDog |… \d)|^ {2}(?:\/|gunzip |gdb |#[4-9] )/

/** What the demo says each time, on each machine that has a C compiler. */
export function constantOf(said: string): string {
  return said
    .split('\n')
    .filter(line => !VARYING.test(line))
    .join('\n')
}
