import { getRawAsset } from 'node:sea'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { takeMode } from './mode.ts'
import { Scripts, type Shelf } from './scripts.ts'

type GiveBack = typeof import('./give-back.ts')

/** What `npm run build` put into our own file. */
const shelf: Shelf = {
  // Plain ASCII, as esbuild writes it: to read it as Latin-1 costs nothing.
  text: name => Buffer.from(getRawAsset(`${name}.cjs`)).toString('latin1'),
  // Made for another architecture, there is an empty one.
  codeCache: name => {
    const bytes = Buffer.from(getRawAsset(`${name}.cache`))
    return bytes.length === 0 ? null : bytes
  },
  startThread: (script, options) =>
    new Worker(shelf.text('start'), { ...options, eval: true, workerData: { script } }),
}

// A thread of ours begins with this text, too.
const script = isMainThread ? takeMode(process.argv) : (workerData as { script: string }).script
const scripts = new Scripts(shelf)
if (isMainThread && script !== 'main') (scripts.run('give-back') as GiveBack).giveBackEachMinute()
scripts.run(script)
