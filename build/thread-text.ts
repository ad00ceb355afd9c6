import path from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** Puts what a thread of the handler runs into a bundle, as a text: there are no files beside it. */
export function threadText(options: BuildOptions): Plugin {
  return {
    name: 'thread text',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\/handler\/why\/thread-source\.ts$/ }, async ({ path: source }) => {
        const thread = path.join(path.dirname(source), 'thread.ts')
        const { outputFiles } = await build({ ...options, entryPoints: [thread], write: false, outdir: '.' })
        const text = outputFiles.find(file => file.path.endsWith('.js'))?.text ?? ''
        const contents = `
          import { Worker } from 'node:worker_threads'
          export const startThread = options => new Worker(${JSON.stringify(text)}, { ...options, eval: true })`
        return { contents }
      }),
  }
}
