import type { Command } from 'commander'
import { ignoreClosedReader } from '../../crash/closed-reader.ts'
import { openShelf } from './symbol-shelf.ts'
import { type Uploaded, uploadSymbols } from './upload-symbols.ts'

const EPILOGUE = `
Of each program, library or separate debug file (x86-64, aarch64) a small ELF
file is made with its build id, the names of its functions and their lines, and
what was inlined, without types, variables and code: 5 to 15 percent of it. Call
it with what the linker made, before strip. What a folder holds besides is
passed over.

Each is kept as <where>/buildid/<build id>/debuginfo, which is what debuginfod
servers have: gdb and elfutils read it. <where> is --output, or --to, or the
first folder in symbols of the configuration (--config), in the store that is
named there. With --to, keys, region and endpoint are those of
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL and the
like.

Exit code: 0 all are kept, 1 one of them is not, or there was none.

Example:
  coredog-handler symbols upload --to=s3://crashes/corefiles/_symbols build/server build/lib
  coredog-handler symbols upload --output=symbols build/server
  DEBUGINFOD_URLS=file://$PWD/symbols gdb build/server core`

interface UploadOptions {
  readonly output?: string
  readonly to?: string
}

/** `symbols upload`. `configFile`: as `program` has it. Sets process.exitCode. */
export function addSymbolsCommand(program: Command, configFile: () => string): void {
  program
    .command('symbols')
    .description('names for crashes of stripped programs')
    .command('upload')
    .description('keep names and lines of programs, so that their crashes have them when they were stripped')
    .argument('<file...>', 'programs, libraries, debug files, and folders of them')
    .option('--to <bucket>', 'keep them in s3://BUCKET/FOLDER')
    .option('--output <directory>', 'keep them in a directory')
    .addHelpText('after', EPILOGUE)
    .action(async (files: string[], options: UploadOptions) => {
      const { env: environment } = process
      const shelf = await openShelf({ ...options, configFile: configFile(), environment })
      await showAll(uploadSymbols(files, shelf))
    })
}

async function showAll(all: AsyncIterable<Uploaded>): Promise<void> {
  ignoreClosedReader()
  let [kept, failed] = [0, 0]
  for await (const one of all) {
    process.stdout.write(shown(one))
    if (one.isRefused)
      process.stdout.write('       The store did not take it: what stands behind it was not tried.\n')
    if (one.problem === undefined) kept += 1
    else failed += 1
  }
  if (kept + failed === 0) process.stdout.write('FAILED there is no program with symbols\n')
  if (kept === 0 || failed > 0) process.exitCode = 1
}

function shown({ file, problem, hint, ...made }: Uploaded): string {
  if (problem !== undefined)
    return `FAILED ${file}: ${problem}\n${hint === undefined ? '' : `       ${hint}\n`}`
  const { functionCount, hasLines, bytes = 0, wholeBytes = 0, url = '' } = made
  const share = ((bytes / wholeBytes) * 100).toFixed(1)
  const what = `${functionCount} functions, ${hasLines === true ? 'with lines' : 'no lines: it was built without -g'}`
  return `ok     ${file}: ${what}; ${bytes} bytes, ${share}% of it: ${url.replace(/^cfs:\/\//, '')}\n`
}
