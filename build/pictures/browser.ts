import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { OperatorError } from '../../crash/errors.ts'
import type { Html } from './html.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const LONGEST_RUN_MS = 60_000
// Root, and many a container, cannot have its sandbox; what is shown is ours.
const OPTIONS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--hide-scrollbars',
  '--force-device-scale-factor=2',
]

/** A headless Chromium that makes pictures of pages. */
export class Browser {
  readonly #program: string

  constructor(folders = (process.env.PATH ?? '').split(path.delimiter)) {
    const found = folders.flatMap(folder => NAMES.map(name => path.join(folder, name))).find(isProgram)
    if (found === undefined)
      throw new OperatorError(
        `Cannot draw: none of ${NAMES.join(', ')} is on PATH.`,
        'On Debian, "apt-get install chromium fonts-noto-core fonts-noto-mono fonts-noto-cjk" brings what the pictures need.',
      )
    this.#program = found
  }

  /** A PNG of what stands in `<main>`, with two pixels for one. */
  async pictureOf(page: Html): Promise<Buffer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'coredog-picture-'))
    try {
      const [file, picture] = [path.join(folder, 'page.html'), path.join(folder, 'picture.png')]
      writeFileSync(file, `${page}${MEASURE}`)
      const { stdout } = await this.#run(folder, ['--dump-dom', file])
      const size = / data-size="(\d+,\d+)"/.exec(stdout)?.[1]
      if (size === undefined) throw new Error(`Cannot see how large the picture is: ${stdout}`)
      await this.#run(folder, [`--window-size=${size}`, `--screenshot=${picture}`, file])
      return readFileSync(picture)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async #run(folder: string, args: readonly string[]) {
    const profile = `--user-data-dir=${path.join(folder, 'profile')}`
    return await execa(this.#program, [...OPTIONS, profile, ...args], { timeout: LONGEST_RUN_MS })
  }
}

const MEASURE = `<script>
const { width, height } = document.querySelector('main').getBoundingClientRect()
document.body.dataset.size = Math.ceil(width) + ',' + Math.ceil(height)
</script>
`

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
