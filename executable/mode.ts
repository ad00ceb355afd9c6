/** The programs in our one file, besides the handler. Each is the script of that name. */
const MODES: readonly string[] = ['installer', 'webhook', 'api']

/**
 * Takes the mode from the arguments of the process, and returns the script that is to begin. The kernel's arguments
 * begin with digits, and the handler's own commands are not called like a mode.
 */
export function takeMode(argv: string[]): string {
  const mode = modeOf(argv[2] ?? '')
  if (mode === null) return 'main'
  argv.splice(2, 1)
  return mode
}

/** Manifests of up to 0.1.0 say `node /app/coredog-installer.js`, and `node` is a link to us in the image. */
function modeOf(argument: string): string | null {
  if (MODES.includes(argument)) return argument
  const [, named] = /^\/app\/coredog-(installer|webhook)\.js$/.exec(argument) ?? []
  return named ?? null
}
