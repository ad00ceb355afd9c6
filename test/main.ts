/**
 * `npm test`: what a contributor can wait for. `npm run test:slow`: the rest, `*.slow.test.ts`, that need
 * longer than two seconds alone. Neither has the end-to-end ones. Of files that are named, only those;
 * options are those of Node.
 */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import process from 'node:process'

const OUR_TESTS = ['test/*.test.ts', 'test/!(e2e)/**/*.test.ts']
// Ends a hang, and the runner then says whose it was; no file needs so long with eight busy processes beside
// it.
const LONGEST_FILE_SECONDS = 900
// Without it the process of each file takes the types from the same sources again, a third of all work.
// `npm ci` empties it.
const COMPILED = path.join(import.meta.dirname, '../node_modules/.cache/compiled')

const [slow, given] = takeFlag('--slow', process.argv.slice(2))
const named = given.some(argument => !argument.startsWith('-'))
// Node would leave one CPU to itself: of two, half.
const options = [
  `--test-concurrency=${availableParallelism()}`,
  `--test-timeout=${LONGEST_FILE_SECONDS * 1000}`,
]
process.execve?.(
  process.execPath,
  [process.execPath, '--test', ...options, ...given, ...(named ? [] : filesThatAre(slow))],
  { NODE_COMPILE_CACHE: COMPILED, ...process.env },
)

function filesThatAre(slow: boolean): string[] {
  return globSync(OUR_TESTS)
    .filter(file => file.endsWith('.slow.test.ts') === slow)
    .sort()
}

function takeFlag(flag: string, options: string[]): [boolean, string[]] {
  return [options.includes(flag), options.filter(option => option !== flag)]
}
