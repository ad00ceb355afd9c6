/**
 * `node build/launcher.js PROGRAM …`: runs a program with the Node that npm brought for it, and ends as it ends.
 *
 * By its path, not as node_modules/.bin/node: npm before 11.19 takes that link away together with the package of the
 * other architecture, which has a program of that name too.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { refuse, runInOurPlace } from './child.js'

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

function launch() {
  const node = path.join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (!existsSync(node)) return refuse(whyAbsent())
  // What the program starts by the name of node, as pkg does, is to be this one too.
  const env = {
    ...process.env,
    PATH: [path.dirname(node), process.env.PATH].filter(Boolean).join(path.delimiter),
  }
  runInOurPlace(node, process.argv.slice(2), { env, hint: 'it needs glibc 2.28 or newer' })
}

/** @returns {string} what to do when there is no Node of ours */
function whyAbsent() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    return `Cannot run on ${process.platform} ${process.arch}: CoreDog is for Linux on x64 and arm64`
  return `Cannot find Node in node_modules/node-linux-${process.arch}: run "npm ci", with optional packages`
}

launch()
