import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findProgram } from '../installed-program.ts'

const PROGRAM = path.resolve(import.meta.dirname, '../../cli/main.ts')
const LONGEST_MS = 30_000

/** A shell in a real terminal, in which `kubectl-coredog` is the program as its sources are. */
export class RealTerminal implements Disposable {
  readonly #socket: string
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'coredog-terminal-'))

  constructor(shell: readonly string[] = ['bash', '--norc', '--noprofile']) {
    this.#socket = path.join(this.#folder, 'tmux')
    placeProgram(this.#folder)
    const environment = {
      PATH: `${this.#folder}:${process.env.PATH}`,
      PS1: '$ ',
      HOME: this.#folder,
      TERM: 'screen',
      // Else bash writes its history there when it is hung up.
      HISTFILE: '',
    }
    const given = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
    this.#tmux('new-session', '-d', '-x', '120', '-y', '40', '-c', this.#folder, 'env', ...given, ...shell)
  }

  static get isThere(): boolean {
    return findProgram('tmux') !== null
  }

  /** Keys as tmux calls them: `Tab`, `C-c`; anything else is typed. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys)
  }

  enter(line: string): void {
    this.#tmux('send-keys', '-l', '--', line)
    this.press('Enter')
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', '--', text)
  }

  /** What stands on the screen. */
  get screen(): string {
    return this.#tmux('capture-pane', '-p', '-J')
  }

  /** Resolves with the screen when `pattern` stands there. */
  async shows(pattern: RegExp): Promise<string> {
    for (const end = Date.now() + LONGEST_MS; Date.now() < end; await setTimeout(50)) {
      const { screen } = this
      if (pattern.test(screen)) return screen
    }
    throw new Error(`the terminal does not show ${pattern}:\n${this.screen}`)
  }

  [Symbol.dispose](): void {
    this.#tmux('kill-server')
    // What ran in it ends a little later, and may still write.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, '-f', '/dev/null', ...args], { encoding: 'utf8' })
  }
}

/** `kubectl-coredog` in `folder`, as its sources are. */
export function placeProgram(folder: string): void {
  const program = path.join(folder, 'kubectl-coredog')
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`, { mode: 0o755 })
}
