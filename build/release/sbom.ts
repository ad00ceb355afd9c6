import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from '../bundle.ts'
import { readPins } from '../debian/pins.ts'
import { type Component, libraryOf, packagesOf } from './shipped-components.ts'
import { runTool } from './tool.ts'

/** What a release is made of, in the form of CycloneDX; of it only what is read here. */
interface Sbom {
  readonly components: readonly object[]
}

// With its own lock file, and apart: nobody who works on CoreDog needs it.
const MAKER = path.join(ROOT, '.ci/sbom')
const CLI = 'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js'

/** Of the packages that are bundled, as package-lock.json has them, and of what no package manager knows. */
export async function writeSbom(file: string): Promise<void> {
  await runTool('npm', ['ci', '--ignore-scripts', '--omit=optional', '--omit=peer', '--no-fund'], {
    cwd: MAKER,
  })
  const options = ['--omit=dev', '--package-lock-only', '--output-reproducible', '--mc-type=application']
  const maker = path.join(MAKER, CLI)
  await runTool(process.execPath, [maker, ...options, '--output-format=JSON', `--output-file=${file}`], {
    cwd: ROOT,
  })
  const sbom: Sbom = JSON.parse(await readFile(file, 'utf8'))
  const components = [...sbom.components, ...(await shippedBesides())]
  await writeFile(file, `${JSON.stringify({ ...sbom, components }, null, 2)}\n`)
}

async function shippedBesides(): Promise<Component[]> {
  const pin = await readFile(path.join(ROOT, 'handler/native/isal.txt'), 'utf8')
  return [libraryOf(pin), ...packagesOf(await readPins())]
}
