import type { Command } from 'commander'
import { VERSION } from '../../crash/version.ts'
import type { World } from '../world.ts'

export function addVersion(program: Command, world: World): void {
  program
    .command('version')
    .description('print the version')
    .action(() => void world.stdout.write(`${VERSION}\n`))
}
