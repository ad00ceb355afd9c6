import { reportKeyOf } from '../crash/object-key.ts'
import { storedExecutable, storedSymbols } from '../crash/opened-files.ts'
import type { CrashReport } from '../crash/report.ts'

/** Links that open what is stored of a crash for a while. Each carries a signature: a secret outside of the chat. */
export interface CrashLinks {
  /** To the core; of what was `suppressed` to the core that was kept. */
  readonly link: string | null
  /** To the report beside the core, with all stacks. */
  readonly reportLink?: string | null
  /** To the program that crashed, which a browser saves as {@link PROGRAM}. */
  readonly executableLink?: string | null
  /** To the symbols of that build, which a browser saves as {@link SYMBOLS}. */
  readonly symbolsLink?: string | null
}

/** Those that there are. */
export function linksIn({ link, reportLink, executableLink, symbolsLink }: CrashLinks): readonly string[] {
  return [link, reportLink, executableLink, symbolsLink].filter(it => it != null)
}

/** Not what the program is called: a tenant chose that. */
export const PROGRAM = 'program'
export const SYMBOLS = 'program.debug'

/** Makes a link to what is stored under `key`, below the folder of the store. `savedAs`: what a browser calls it. */
export type LinkTo = (key: string, savedAs?: string) => Promise<string | null>

/** `coreKey` is below `storeDir`, as keys of stores are; those of the report are whole. */
export async function linksTo(
  report: CrashReport,
  { coreKey, storeDir }: { readonly coreKey: string; readonly storeDir: string },
  linkTo: LinkTo,
): Promise<CrashLinks> {
  const linked = async (key: string | undefined, savedAs: string) => {
    const below = keyBelow(storeDir, key)
    return below === null ? null : await linkTo(below, savedAs)
  }
  const [link, reportLink, executableLink, symbolsLink] = await Promise.all([
    linkTo(coreKey),
    linkTo(reportKeyOf(coreKey)),
    linked(storedExecutable(report)?.key, PROGRAM),
    linked(storedSymbols(report)?.key, SYMBOLS),
  ])
  return {
    link,
    reportLink,
    ...(executableLink !== null && { executableLink }),
    ...(symbolsLink !== null && { symbolsLink }),
  }
}

/** A store's own keys are relative to its folder; those of reports are not. */
export function keyBelow(folder: string, key: string | undefined): string | null {
  if (key === undefined || folder === '') return key ?? null
  return key.startsWith(`${folder}/`) ? key.slice(folder.length + 1) : null
}
