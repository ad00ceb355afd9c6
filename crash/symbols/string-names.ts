// Of libstdc++ (`__cxx11`) and libc++ (`__1`).
const TRAITS = 'std::(?:__1::)?char_traits<char>'
const ALLOCATOR = 'std::(?:__1::)?allocator<char>'
// Demanglers keep a space between two of these.
const END = ' ?>(?!::)(?: (?=>))?'

const NAMES: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(`std::(?:__cxx11::|__1::)?basic_string<char, ${TRAITS}, ${ALLOCATOR}${END}`, 'g'),
    'std::string',
  ],
  [new RegExp(`std::(?:__1::)?basic_string_view<char, ${TRAITS}${END}`, 'g'), 'std::string_view'],
]

/**
 * Strings in a name of C++ as their author has written them. What is a member of one keeps the name that debuggers
 * give it, and that crashes are counted by.
 */
export function withStringNames(name: string): string {
  if (!name.includes('basic_string')) return name
  return NAMES.reduce((text, [pattern, written]) => text.replace(pattern, written), name)
}
