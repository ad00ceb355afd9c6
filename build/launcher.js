/**
 * `node build/launcher.js PROGRAM …`: runs a program with the Node that npm brought for it, and ends as it ends.
 * Plain JavaScript, for any Node from 18: the one that starts us is the user's, and may not know TypeScript.
 *
 * By its path, not as node_modules/.bin/node: npm before 11.19 takes that link away together with the package of the
 * other architecture, which has a program of that name too.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
// A signal that was given to npm, or to us alone, is the program's.
const PASSED_ON = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2']

function launch() {
  const node = path.join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (!existsSync(node)) return refuse(whyAbsent())
  // What the program starts by the name of node, as pkg does, is to be this one too.
  const env = {
    ...process.env,
    PATH: [path.dirname(node), process.env.PATH].filter(Boolean).join(path.delimiter),
  }
  // First: with all CPUs busy, the program may run, and a signal come, before we run again.
  for (const signal of PASSED_ON) process.on(signal, () => passOn(program, signal))
  const program = spawn(node, process.argv.slice(2), { stdio: 'inherit', env })
  program.on('error', error => refuse(`Cannot run "${node}": ${error.message}; it needs glibc 2.28 or newer`))
  program.on('exit', endLike)
}

/** @returns {string} what to do when there is no Node of ours */
function whyAbsent() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    return `Cannot run on ${process.platform} ${process.arch}: CoreDog is for Linux on x64 and arm64`
  return `Cannot find Node in node_modules/node-linux-${process.arch}: run "npm ci", with optional packages`
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

function refuse(why) {
  process.stderr.write(`${why}\n`)
  process.exitCode = 1
}

launch()
