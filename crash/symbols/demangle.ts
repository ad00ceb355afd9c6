import { clip } from '../../untrusted/plain-text.ts'
import { Demangler } from './demangler.ts'
import { withStringNames } from './string-names.ts'

// What compilers begin a mangled name with: C++ (and Rust's old way), Rust's new one, and blocks of Clang.
const MANGLED = /^(?:_{1,4}Z|_{1,2}R)[\w.$@]/

/** Of the longest names of V8 and of Rust's futures; a longer one is no help for people, however it is written. */
const LONGEST_MANGLED = 2048
const LONGEST_WRITTEN = 4096

let demangler: Demangler | undefined

/**
 * A symbol as it was written in C++ or Rust, or as it is if it is of neither. Who made the program chose the name;
 * what it takes is bounded (see {@link Demangler}), and so is what comes of it: 4,096 characters. Never throws.
 */
export function demangled(name: string): string {
  if (name.length > LONGEST_MANGLED || !isMangled(name)) return clip(name, LONGEST_WRITTEN)
  demangler ??= new Demangler()
  const written = demangler.demangled(name)
  // Of a name that it does not know, it takes the underscore that a Mac would have put before it.
  return written === name.slice(1) ? name : clip(withStringNames(written), LONGEST_WRITTEN)
}

/** Whether compilers make such names. */
export function isMangled(name: string): boolean {
  return MANGLED.test(name)
}
