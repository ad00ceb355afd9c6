/** `npm run pictures`: draws those of docs/pictures anew of which what they show has changed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { Browser } from './browser.ts'
import { recordDashboard } from './dashboard-record.ts'
import { recordDemo } from './demo-record.ts'
import { DRAWINGS, PICTURES, type Picture, sourceNameOf } from './pictures.ts'
import { sourceOf, withSource } from './png.ts'

const USAGE = `Usage: npm run pictures [-- --all]

Draws the pictures of docs/pictures that are out of date: the message, the terminal or the drawing that they show
has changed. Needs Chromium and fonts (Debian: chromium fonts-noto-core fonts-noto-cjk), for that of the terminal
a C compiler, and for that of the dashboard Prometheus (.ci/install).

  --all   draw all, also those that are up to date
`
const FOLDER = path.resolve(import.meta.dirname, '../../docs/pictures')

async function main(): Promise<void> {
  const { all = false, help } = options()
  if (help) return say(USAGE)
  if (!(await recordDashboard())) say('The dashboard is not recorded anew: there is no Prometheus.\n')
  for (const { file, svg } of DRAWINGS) writeFileSync(path.join(FOLDER, file), svg())
  if (!(await recordDemo())) say('The demo is not recorded anew: there is no C compiler.\n')
  const stale = PICTURES.filter(picture => all || !isCurrent(picture))
  if (stale.length === 0) return say('All pictures show what is.\n')
  const browser = new Browser()
  for (const picture of stale) await draw(picture, browser)
}

function options(): { all?: boolean; help?: boolean } {
  try {
    return parseArgs({ options: { all: { type: 'boolean' }, help: { type: 'boolean' } } }).values
  } catch (error) {
    throw new OperatorError(`${messageOf(error)}.`, '"npm run pictures -- --help" says what there is.')
  }
}

function isCurrent(picture: Picture): boolean {
  const file = path.join(FOLDER, picture.file)
  return existsSync(file) && sourceOf(readFileSync(file)) === sourceNameOf(picture)
}

async function draw(picture: Picture, browser: Browser): Promise<void> {
  const png = withSource(await browser.pictureOf(picture.page()), sourceNameOf(picture))
  writeFileSync(path.join(FOLDER, picture.file), png)
  say(`docs/pictures/${picture.file}: ${(png.length / 1024).toFixed(0)} KiB\n`)
}

function say(text: string): void {
  process.stdout.write(text)
}

await main().catch(error => {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message} ${error.hint}\n`)
  process.exitCode = 1
})
