/** What we use of it: a script of its own in kubectl-coredog, of which few commands need it. */
export {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parse,
  parseDocument,
  stringify,
  type YAMLMap,
} from 'yaml'
