/** As long as names are (crash/symbols); what stands behind was cut off or made to be long. */
const LONGEST_NAME = 512
/** A bracket within a bracket is a turn of its own. */
const MOST_TURNS = 64

/**
 * A function without what differs from build to build, or says no more of which one it is: arguments, template
 * arguments, the type that it returns, the compiler's clones, Rust's hash and disambiguators, the numbers of
 * closures. `bool shop::Box<int>::open()::{lambda(auto:1)#1}::operator()<int>(int) const` is
 * `shop::Box::open::{lambda#}::operator()`. For comparing, not for showing.
 */
export function plainName(name: string): string {
  let rest = replaced(name.slice(0, LONGEST_NAME), PROTECTED)
  for (let turn = 0, before = ''; turn < MOST_TURNS && rest !== before; turn += 1) {
    before = rest
    rest = before.replace(ARGUMENTS, '').replace(PATH, '{$1}')
  }
  return replaced(rest, REST)
}

type Replacement = readonly [RegExp, (found: string) => string]

function replaced(name: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((text, [pattern, instead]) => text.replace(pattern, instead), name)
}

const nothing = () => ''

/** Brackets that are part of the name: of C++'s operators and anonymous namespaces, of Go's receivers. */
const PROTECTED: readonly Replacement[] = [
  [/(?<=\boperator)(?:\(\)|\[\]|<=>|->\*?|<<=?|>>=?|[<>]=?)(?: (?=<)|(?=[(<]|$))/g, codesOf],
  [/(?<=\boperator (?:new|delete))\[\]/g, () => '{array}'],
  [/(?<=\boperator)(?: [\w:*&]{1,100})+/g, type => type.replaceAll(' ', '_')],
  [/\(anonymous namespace\)/g, () => '{anonymous}'],
  [/(?<=\.)\(\*[\w.$\xb7-]{1,200}\)/g, receiver => `{${receiver.slice(1, -1)}}`],
  [/->/g, () => '→'],
]

function codesOf(sign: string): string {
  return `{${[...sign.trimEnd()].map(character => character.charCodeAt(0).toString(16)).join('')}}`
}

/** Without another bracket within. */
const ARGUMENTS = /\([^()<>[\]]*\)|\[[^()<>[\]]*\]|(?<=[\w:~})'])<[^()<>[\]]*>/g
/** Rust's `<A as B>::f`. */
const PATH = /(?<![\w:~})'])<([^()<>[\]]*)>/g

const REST: readonly Replacement[] = [
  // A bracket that was cut off before it closed; what stands behind the arguments; the type before the name.
  [/[(<[].*$/s, nothing],
  [/(?: (?:const|volatile|noexcept)| ?&{1,2}| )+$/, nothing],
  [/^(?:[^{}]|\{[^{}]*\})* (?=(?:[^ {}]|\{[^{}]*\})+$)/s, nothing],
  // Rust's hash; a version of the symbol, or the stub that leads to it.
  [/::h[0-9a-f]{16}$|@.*$/s, nothing],
  // A function of GCC or LLVM made special, or part of one.
  [/(?:\.(?:constprop|isra|part|cold|lto_priv|localalias|llvm|resolver)|(?<=\.[a-z_]+)\.\d+)+$/, nothing],
  // Closures of C++ and Rust, Rust's implementations.
  [/#\d+(?=\})/g, () => '#'],
  [/(?<=\$_|'lambda)\d+/g, nothing],
  // Go's closures.
  [/(?<=\.(?:func|gowrap|deferwrap))\d+(?:\.\d+)*/g, nothing],
  [/(?<=-range)\d+/g, nothing],
]
