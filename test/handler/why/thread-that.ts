import { Worker, type WorkerOptions } from 'node:worker_threads'

/** All that it may have. */
export const OUT_OF_MEMORY = 'const all = []; while (true) all.push(new Array(10_000).fill(0.5))'

/** A real thread that says a site, and does `then` when it is asked for all else. */
export function threadThat(then: string): (options: WorkerOptions) => Worker {
  const text = `
    const { parentPort } = require('node:worker_threads')
    parentPort.once('message', () => {
      parentPort.once('message', () => { ${then} })
      parentPort.postMessage({ site: '5177e' })
    })`
  return options => new Worker(text, { ...options, eval: true })
}
