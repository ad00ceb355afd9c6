import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** Prints the last line of a small night, with one module of the product changed. */
const [file = '', from = '', to = ''] = process.argv.slice(2)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (file === '' || !url.endsWith(`/${file}`)) return loaded
    const source = readFileSync(new URL(url), 'utf8')
    if (!source.includes(from)) throw new Error(`${file} has no "${from}"`)
    return { ...loaded, source: source.replace(from, to) }
  },
})

const { SMALL_CORE, simulateNight } = await import('../../../bench/fleet/night.ts')
const { lineOf } = await import('../../../bench/fleet/night-figures.ts')
const night = { nodes: 20, pods: 30, hours: 3, scope: 'cluster', core: SMALL_CORE } as const
const figures = await simulateNight(
  { ...night, isKilled: false, isAway: false },
  new AbortController().signal,
)
process.stdout.write(`${lineOf(figures)}\n`)
