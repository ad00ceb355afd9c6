/** How the command line of an interpreter says what it is to run. */
interface Interpreter {
  /** The name of its file. */
  readonly name: RegExp
  /** Options that have the next argument as their value. */
  readonly valued: ReadonlySet<string>
  /** Options of which the next argument is what it runs: a module, an archive. */
  readonly running: ReadonlySet<string>
  /** Words that only say that it is to run something. */
  readonly passed: ReadonlySet<string>
  /** Options with a program in themselves or behind them, which is not shown. */
  readonly inline: RegExp
}

function interpreter(
  name: RegExp,
  { valued, running, passed, inline = NEVER }: Partial<Record<Words, string>> & { readonly inline?: RegExp },
): Interpreter {
  return { name, valued: wordsOf(valued), running: wordsOf(running), passed: wordsOf(passed), inline }
}

type Words = 'valued' | 'running' | 'passed'

function wordsOf(text = ''): ReadonlySet<string> {
  return new Set(text === '' ? [] : text.split(' '))
}

const NEVER = /^(?!)/

const INTERPRETERS: readonly Interpreter[] = [
  interpreter(/^(?:python|pypy)[\d.]*$/, {
    valued: '-W -X --check-hash-based-pycs',
    running: '-m',
    inline: /^-[A-Za-z]*c/,
  }),
  interpreter(/^node(?:js)?$/, {
    valued: '-r --require --import --loader --experimental-loader -C --conditions --env-file --title',
    inline: /^(?:-[a-z]*[ep]|--eval|--print)$/,
  }),
  interpreter(/^java$/, {
    valued:
      '-cp -classpath --class-path -p --module-path --add-modules --add-opens --add-exports --add-reads --patch-module',
    running: '-jar -m --module',
  }),
  interpreter(/^ruby[\d.]*$/, { valued: '-r -I -C -E -x', inline: /^-[a-z]*e/ }),
  interpreter(/^perl[\d.]*$/, { valued: '-I', inline: /^-[A-Za-z0-9]*[eE]$/ }),
  interpreter(/^php[\d.]*$/, { valued: '-c -d -z', running: '-f', inline: /^-[rBRE]$/ }),
  interpreter(/^(?:ba|da|k|z|a)?sh$/, { valued: '-o +o -O --rcfile --init-file', inline: /^-[a-z]*c/ }),
  interpreter(/^dotnet$/, {
    valued: '--additionalprobingpath --depsfile --runtimeconfig --fx-version',
    passed: 'exec',
  }),
]

const MOST_ARGUMENTS = 100
const LONGEST_ARGUMENT = 200

/** What a program runs that is made to run others. */
export interface Script {
  /** A path, a class, or a module: `worker.py`, `com.example.Main`. */
  readonly name: string
  /** Whether something stands between it and the name of the program. */
  readonly hasOptions: boolean
}

/**
 * The script, class or module that an interpreter was started with, by its own arguments (`process.arguments` of a
 * report, without the name of the program); `null`: it is no interpreter that is known here, or was given a
 * program in its arguments.
 */
export function scriptOf(executable: string, [, ...args]: readonly string[]): Script | null {
  const file = executable.slice(executable.lastIndexOf('/') + 1)
  const found = INTERPRETERS.find(({ name }) => name.test(file))
  if (found === undefined) return null
  for (let at = 0; at < Math.min(args.length, MOST_ARGUMENTS); at += 1) {
    const argument = args[at] ?? ''
    if (found.inline.test(argument)) return null
    if (found.running.has(argument)) return named(args[at + 1], true)
    if (argument === '--') return named(args[at + 1], true)
    if (found.valued.has(argument)) at += 1
    else if (!/^[-+]/.test(argument) && !found.passed.has(argument)) return named(argument, at > 0)
  }
  return null
}

function named(argument: string | undefined, hasOptions: boolean): Script | null {
  return argument ? { name: argument.slice(0, LONGEST_ARGUMENT), hasOptions } : null
}
