import { readdirSync } from 'node:fs'
import path from 'node:path'

/** What is beside the product: how it is made, tried, shown, measured, deployed. */
const BESIDE = ['bench', 'build', 'demo', 'deploy', 'dist', 'docs', 'node_modules', 'test']

/** The folders at the top that the product is in. `test/architecture.test.ts` has a row for each. */
export const TOP_ROOMS: readonly string[] = readdirSync(path.resolve(import.meta.dirname, '..'), {
  withFileTypes: true,
})
  .filter(entry => entry.isDirectory() && !entry.name.startsWith('.') && !BESIDE.includes(entry.name))
  .map(({ name }) => name)
