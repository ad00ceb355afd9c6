import { existsSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

/** A program that crashes, as it is made, started and made to crash. */
export interface RealProgram {
  readonly name: string
  /** What is wrong in it. Two programs may have the same bug only where they are of the same sources. */
  readonly bug: string
  /** Commands that make it; `$DIR` is where it is made, the working directory that of the sources. */
  readonly make: readonly string[]
  /** Begins with the program itself, a path. */
  readonly command: readonly string[]
  /** As what it is started, if not by its path: Redis's server and its checker are one program. */
  readonly calledAs?: string
  readonly env?: NodeJS.ProcessEnv
  /** What the name of its innermost function has; `null`: none that has a name is on the stack. */
  readonly own: RegExp | null
  /** It has no symbols, and no names are asked of it. */
  readonly isStripped?: boolean
  /** Where debuggers find its names, if not in the program itself: it was made without, or is gone. */
  readonly symbols?: string
  /** Files that it needs and not every machine has; without one of them it is skipped. */
  readonly needs?: readonly string[]
  /** It gets a SIGSEGV from outside once it waits, by which system call, with at least so many threads. */
  readonly waits?: { readonly call: RegExp; readonly threads: number }
  /** Its root, if not that of the machine. */
  readonly root?: string
  /** Frames that are known to be other ones with gdb or elfutils, and why ours stand. */
  readonly except?: readonly Exception[]
}

/** A difference, as {@link Difference} tells it. */
export interface Exception {
  readonly ours?: RegExp
  readonly gdb?: RegExp
  readonly why: string
}

/** How C is built; what it is called tells what is special. */
const C_BUILDS = {
  plain: 'gcc -O1 -g',
  fixed: 'gcc -O1 -no-pie',
  optimised: 'gcc -O2 -fomit-frame-pointer',
  static: 'gcc -O1 -static',
  'static-pie': 'gcc -O1 -static-pie',
  unoptimised: 'gcc -O0 -g',
  'dwarf-compressed': 'gcc -O2 -g -gz',
  musl: 'musl-gcc -O2 -static -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu',
  stripped: 'gcc -O1 -g -s',
} as const

const MORE_OF_BUILD: Readonly<Partial<Record<keyof typeof C_BUILDS, Partial<RealProgram>>>> = {
  musl: {
    needs: ['/usr/bin/musl-gcc'],
    except: [
      {
        why: 'musl has no call frame information: behind it gdb and elfutils are lost, and the source is right',
      },
    ],
  },
  static: {
    except: [{ ours: /^__libc_start_main /, gdb: /^__libc_start_main_impl /, why: 'two names of one place' }],
  },
  'static-pie': {
    except: [{ ours: /^__libc_start_main /, gdb: /^__libc_start_main_impl /, why: 'two names of one place' }],
  },
  stripped: { symbols: '$DIR/bugs-plain', isStripped: true },
}

const C_BUGS = {
  null: /read_it/,
  constant: /write_it/,
  assert: /check_balance/,
  overflow: /deeper/,
  free: /free_twice/,
  call: /call_it/,
  zero: /divided/,
  trap: /bug/,
  quit: /bug/,
  handler: /on_signal/,
  thread: /read_it/,
} as const

const EVERY_BUG = wordsOf(C_BUGS)
const SOME_BUGS = ['null', 'assert', 'thread', 'handler'] as const

function ofC(build: keyof typeof C_BUILDS, word: keyof typeof C_BUGS): RealProgram {
  return {
    name: `C ${build}: ${word}`,
    bug: `bugs.c ${word}`,
    make: [`${C_BUILDS[build]} -w -fno-builtin -pthread -o $DIR/bugs-${build} why/bugs.c`],
    command: [`$DIR/bugs-${build}`, word],
    own: build === 'stripped' ? null : C_BUGS[word],
    ...MORE_OF_BUILD[build],
  }
}

/** Ways to be somewhere, with the function of their own that is there. */
const WAYS = {
  handler: /crash_in_handler/,
  alternate: /deeper/,
  'alternate-crash': /crash_in_handler/,
  callback: /compare/,
  aligned: /aligned/,
  coroutine: /coroutine/,
  noreturn: /never_returns/,
  far: /far_jump/,
  jump: /after_a_jump/,
  string: /in_string/,
  once: /begin/,
  'thread-end': /destroy/,
  exit: /at_exit/,
  unmapped: /freed_unmapped/,
  nested: /inner/,
} as const

const MAKE_WAYS = 'gcc -O1 -g -mavx2 -w -pthread -o $DIR/ways truth/ways.c -ldl'
const MAKE_LIBRARY = 'gcc -O1 -g -shared -fPIC -o $DIR/library.so truth/library.c'

/** The function is the same, wherever its stack is. */
const SAME_BUG: Readonly<Record<string, string>> = { 'alternate-crash': 'handler' }

function way(word: string, own: RegExp, more: Partial<RealProgram> = {}): RealProgram {
  const command = ['$DIR/ways', word]
  return {
    name: `C way: ${word}`,
    bug: `ways.c ${SAME_BUG[word] ?? word}`,
    make: [MAKE_WAYS],
    command,
    own,
    ...more,
  }
}

const IN_ROOT = [
  'mkdir -p $DIR/root/lib64 $DIR/root/lib/x86_64-linux-gnu',
  'cp /lib64/ld-linux-x86-64.so.2 $DIR/root/lib64/',
  'cp /lib/x86_64-linux-gnu/libc.so.6 $DIR/root/lib/x86_64-linux-gnu/',
  'cp $DIR/ways $DIR/root/program',
]

const CXX_BUGS = {
  pure: /describe|bug/,
  range: /Cart/,
  lambda: /read_it/,
  sort: /read_it/,
  noexcept: /throws/,
  inlined: /inlined/,
  unwind: /Guard|unwinds/,
  threads: /read_it/,
  thread: /bug/,
} as const

function ofCxx(build: 'plain' | 'optimised', word: keyof typeof CXX_BUGS): RealProgram {
  const flags = build === 'plain' ? '-O0 -g' : '-O2 -g -fomit-frame-pointer'
  return {
    name: `C++ ${build}: ${word}`,
    bug: `classes.cpp ${word}`,
    make: [`g++ ${flags} -w -pthread -o $DIR/classes-${build} truth/classes.cpp`],
    command: [`$DIR/classes-${build}`, word],
    own: build === 'optimised' && word === 'thread' ? null : CXX_BUGS[word],
  }
}

const RUST_MAIN: Exception = {
  gdb: /^(?:\?\? |__libc_start_main |_start |-$)/,
  why: 'the main that rustc makes has no call frame information: gdb takes a pointer on the stack for its caller',
}

const RUST_BUGS = {
  index: /price/,
  unsafe: /read/,
  overflow: /add/,
  trait: /price|bug/,
  drop: /drop/,
  closure: /closure|bug/,
  thread: /closure/,
} as const

const RUSTC = path.join(process.env.HOME ?? '/root', '.cargo/bin/rustc')

const RUST_FLAGS = { release: '-O', lines: '-O -g', debug: '-g' } as const

/** What is inlined is named by the debug information only. */
function ofRust(build: keyof typeof RUST_FLAGS, word: keyof typeof RUST_BUGS): RealProgram {
  const flags = RUST_FLAGS[build]
  return {
    name: `Rust ${build}: ${word}`,
    bug: `crates.rs ${word}`,
    make: [`${RUSTC} ${flags} -C panic=abort -o $DIR/crates-${build} truth/crates.rs`],
    command: [`$DIR/crates-${build}`, word],
    own: build === 'release' && word === 'thread' ? null : RUST_BUGS[word],
    needs: [RUSTC],
    ...(build !== 'debug' && { except: [RUST_MAIN] }),
  }
}

/** A stack that is full is left for another one, and nothing leads back. */
const GO_BUGS = { panic: /give/, nil: /price/, index: /main.func/, deep: null, sort: /price/ } as const
const GO = '/usr/local/go/bin/go'

function ofGo(build: 'plain' | 'stripped', word: keyof typeof GO_BUGS): RealProgram {
  const flags = build === 'plain' ? '' : "-ldflags='-s -w'"
  return {
    name: `Go ${build}: ${word}`,
    bug: `goroutines.go ${word}`,
    make: [`CGO_ENABLED=0 ${GO} build ${flags} -o $DIR/goroutines-${build} truth/goroutines.go`],
    command: [`$DIR/goroutines-${build}`, word],
    env: { GOTRACEBACK: 'crash' },
    own: GO_BUGS[word],
    needs: [GO],
    ...(build === 'stripped' && { symbols: '$DIR/goroutines-plain' }),
    except: [
      {
        ours: /^-$/,
        gdb: /^runtime\.clone /,
        why: "Go's threads begin in runtime.mstart, which has no caller",
      },
      {
        ours: /^runtime\.throw /,
        gdb: /^runtime\.fatalthrow /,
        why: 'without call frame information this frame is a guess, marked as one',
      },
    ],
  }
}

/** A program of Java's own that waits for its input: no compiler is needed. */
const KEYTOOL = ['-m', 'java.base/sun.security.tools.keytool.Main', '-printcert']

const BUILTINS: Exception = {
  ours: /^Builtins_/,
  why: "V8 maps its compiled functions a second time, which debuggers do not know: their names are the file's",
}

/** The least that each of these asks of a test: it crashes in the midst of its own runtime. */
const RUNTIMES: readonly RealProgram[] = [
  {
    name: 'Go with C: in C',
    bug: 'calls-c.go',
    make: [`${GO} build -o $DIR/calls-c truth/calls-c.go`],
    command: ['$DIR/calls-c'],
    env: { GOTRACEBACK: 'crash' },
    own: /in_c/,
    needs: [GO],
  },
  {
    name: 'Node: process.abort()',
    bug: 'node abort',
    make: [],
    command: [process.execPath, '-e', 'process.abort()'],
    own: null,
    except: [BUILTINS],
  },
  {
    name: 'Node: in a native module',
    bug: 'node library',
    make: [MAKE_LIBRARY],
    command: [process.execPath, '-e', 'process.dlopen({ exports: {} }, process.argv[1])', '$DIR/library.so'],
    own: /read_it/,
    except: [BUILTINS],
  },
  {
    name: 'Python: os.abort()',
    bug: 'python abort',
    make: [],
    command: ['/usr/bin/python3', '-c', 'import os; os.abort()'],
    own: null,
    needs: ['/usr/bin/python3'],
  },
  {
    name: 'Python: ctypes reads from 0',
    bug: 'python ctypes',
    make: [],
    command: ['/usr/bin/python3', '-c', 'import ctypes; ctypes.string_at(0)'],
    own: null,
    needs: ['/usr/bin/python3'],
  },
  {
    name: 'Java: SIGSEGV from outside',
    bug: 'java',
    make: [],
    command: ['/usr/bin/java', '-Xmx32m', '-XX:+UseSerialGC', '-XX:ErrorFile=/dev/null', ...KEYTOOL],
    own: null,
    needs: ['/usr/bin/java'],
    waits: { call: /^0 0x0 /, threads: 8 },
  },
  {
    name: 'Redis: SIGSEGV from outside',
    bug: 'redis',
    make: [],
    command: ['/usr/bin/redis-check-rdb', '--port', '0', '--unixsocket', '$DIR/redis.sock', '--save', ''],
    calledAs: 'redis-server',
    own: null,
    needs: ['/usr/bin/redis-check-rdb'],
    waits: { call: /^(?:232|281) /, threads: 4 },
  },
]

const LIBRARY = {
  make: [MAKE_WAYS, MAKE_LIBRARY],
  command: ['$DIR/ways', 'library', '$DIR/library.so'],
}
const DELETED = {
  make: [MAKE_WAYS, 'cp $DIR/ways $DIR/goes'],
  command: ['$DIR/goes', 'deleted', '$DIR/goes'],
  symbols: '$DIR/ways',
}
const ROOTED = {
  name: 'C in another root: string',
  make: [MAKE_WAYS, ...IN_ROOT],
  command: ['/usr/sbin/chroot', '$DIR/root', '/program', 'string'],
  symbols: '$DIR/ways',
  root: '$DIR/root',
}

const OTHER_BUILDS = [
  'fixed',
  'static',
  'static-pie',
  'unoptimised',
  'dwarf-compressed',
  'musl',
  'stripped',
] as const

/** A stack for each kind of unwinding and of names that there is; what asks for more runs has tests of its own. */
export const REAL_PROGRAMS: readonly RealProgram[] = [
  ...EVERY_BUG.map(word => ofC('plain', word)),
  ...(['optimised', ...OTHER_BUILDS] as const).flatMap(build => SOME_BUGS.map(word => ofC(build, word))),
  ...Object.entries(WAYS).map(([word, own]) => way(word, own)),
  way('data', /jump_to_data/, { except: [{ gdb: /^zero /, why: 'gdb names a variable that was called' }] }),
  way('library', /read_it/, LIBRARY),
  way('deleted', /way/, DELETED),
  { ...way('string', /in_string/), ...ROOTED },
  ...wordsOf(CXX_BUGS).flatMap(word => [ofCxx('plain', word), ofCxx('optimised', word)]),
  ...wordsOf(RUST_BUGS).flatMap(word =>
    (['release', 'lines', 'debug'] as const).map(build => ofRust(build, word)),
  ),
  ...wordsOf(GO_BUGS).flatMap(word => [ofGo('plain', word), ofGo('stripped', word)]),
  ...RUNTIMES,
]

function wordsOf<Word extends string>(bugs: Readonly<Record<Word, unknown>>): Word[] {
  return Object.keys(bugs) as Word[]
}

/** What is missing of a program on this machine; `null`: nothing. */
export function missingOf({ needs = [] }: RealProgram): string | null {
  const missing = needs.filter(file => !existsSync(file))
  return missing.length === 0 ? null : `${missing.join(', ')} not found`
}
