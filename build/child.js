/** Plain JavaScript, for any Node from 18: the one that starts us is the user's, and may not know TypeScript. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import process from 'node:process'

// A signal that was given to npm, or to us alone, is the program's.
const PASSED_ON = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2']

/**
 * Runs a program in our place: with our terminal, and with our signals; we end as it ends.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, hint: string }} options what it may lack, if it cannot be started
 */
export function runInOurPlace(file, args, { env = process.env, hint }) {
  // First: with all CPUs busy, the program may run, and a signal come, before we run again.
  for (const signal of PASSED_ON) process.on(signal, () => passOn(program, signal))
  const program = spawn(file, args, { stdio: 'inherit', env })
  program.on('error', error => refuse(`Cannot run "${file}": ${error.message}; ${hint}`))
  program.on('exit', endLike)
}

/** @param {string} why */
export function refuse(why) {
  process.stderr.write(`${why}\n`)
  process.exitCode = 1
}

/** What is typed at a terminal reaches the program without us; a second one would end it before it has cleaned up. */
function passOn(program, signal) {
  if (signal !== 'SIGINT' || !process.stdin.isTTY) program.kill(signal)
}

function endLike(code, signal) {
  if (code !== null) process.exit(code)
  for (const name of PASSED_ON) process.removeAllListeners(name)
  process.kill(process.pid, signal)
  // Where that signal does not end a process, as a shell would tell of it.
  process.exitCode = 128 + constants.signals[signal]
}
