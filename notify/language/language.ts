/** Times are `04:21:17`, in UTC; sizes `1.2 GiB`. What came from outside is one line of visible characters. */

/** All that messages say in one language, and how its sentences are put together. */
export interface Language {
  /** Of somebody whose name is not known. */
  readonly unknownProcess: string
  readonly unknownSignal: string
  readonly unknownReason: string
  /** Stands between a label and its value. */
  readonly colon: string
  readonly labels: {
    readonly pod: string
    readonly program: string
    readonly node: string
    readonly image: string
    readonly cluster: string
  }
  /** What the link is called. */
  readonly download: string
  /** Of report.json. */
  readonly openReport: string
  readonly executable: string
  readonly symbols: string
  /** The same where that core was not kept, but one like it was. */
  readonly downloadKept: string
  /** Above what a runtime wrote into the log of the container. */
  readonly lastWords: string
  /** Above the last lines of that log, whatever they are. */
  readonly lastLines: string
  /** A further link of the same line. */
  readonly another: string
  readonly linkLeftOut: string
  readonly batch: BatchLanguage

  /** The first line, and all that a phone shows: `SIGSEGV in shop/checkout (app)`. */
  title(of: TitleParts): string
  /** What died of `signal`, because it called `call`. */
  signalBy(of: { readonly signal: string; readonly call: string }): string
  /** A process of the node itself. */
  onNode(of: { readonly program: string; readonly node: string }): string
  /** Why it crashed, as a line of its own. */
  reason(of: ReasonParts): string
  /** Why it is not known why it crashed. */
  unexplained(why: string): string
  /** What the program itself said, where that is not in the reason. */
  saying(words: string): string
  /** How many frames are not shown. */
  /** Behind a frame of a stack that may be none. */
  readonly guess: string
  moreFrames(count: number): string
  /** Where in a file it crashed, if that is all that is known. */
  fileOffset(of: { readonly file: string; readonly offset: string }): string
  /** A pod, with how often its container was restarted. */
  restarted(of: { readonly pod: string; readonly times: number }): string
  /** A program that was started under another name. */
  calledAs(of: { readonly program: string; readonly name: string }): string
  /** The first crash of its group, in this image. `nodes`: that have it; `undefined`: only this one is known. */
  seenFirst(of: { readonly image: string | undefined; readonly nodes: number | undefined }): string
  /** One more; `firstImage`: the first one was in another image. */
  seenAgain(of: {
    readonly count: number
    readonly nodes: number | undefined
    readonly since: Since | undefined
    readonly firstImage: string | undefined
  }): string

  notKept(of: { readonly why: string }): string
  notWhole(of: { readonly why: string }): string
  perhapsNotWhole(of: { readonly why: string }): string
  /** Crashes that were counted, and of which no core was kept. */
  onlyCounted(of: { readonly crashes: number; readonly why: string }): string
  /** What came of a group in the cluster since people were told of it; `isOver`: and then none for an hour. */
  groupUpdate(of: {
    readonly crashes: number
    readonly since: Since | undefined
    readonly nodes: number
    readonly pods: number
    readonly images: readonly string[]
    readonly isOver: boolean
  }): string
  countedBefore(of: { readonly crashes: number }): string
  /** It is not sure whose crash it was. */
  uncertain(of: { readonly why: string }): string
  /** Why a core is not whole, or not there, in the words of a report. */
  incompleteReason(english: string): string
  /** What to do about it, in the words of an error. */
  hint(english: string): string
  linksEnd(of: { readonly links: number; readonly time: string }): string

  /** How large a core is, and how much of that is stored where it is compressed. `dump`: no more was wanted. */
  coreSize(of: {
    readonly size: string
    readonly stored: string | undefined
    readonly dump: 'private' | 'stacks' | 'stacks for a quota' | undefined
  }): string
  /** `isLean`: for it stacks were kept in place of the core. */
  quota(of: {
    readonly used: string
    readonly limit: string
    readonly percent: number
    readonly isLean: boolean
  }): string
  /** Where the last core of its kind is that was kept. */
  lastKept(of: { readonly place: string }): string
  footnote(of: FootnoteParts): string
}

/** A day in UTC, as it is said today. */
export type Since =
  | { readonly kind: 'today'; readonly time: string }
  /** 0: Sunday. */
  | { readonly kind: 'weekday'; readonly weekday: number }
  /** 0: January. Without a year, of this one. */
  | { readonly kind: 'date'; readonly day: number; readonly month: number; readonly year: number | undefined }

export interface TitleParts {
  /** What it died of; `undefined`: that is not known. */
  readonly death: string | undefined
  readonly where: string
  /** So many more crashes, which were counted alone; `undefined`: it is about one. */
  readonly more?: number | undefined
  /** It is over. */
  readonly isOver?: boolean | undefined
  readonly core?: 'lost' | 'incomplete' | undefined
}

/** What is known of why it crashed. All of it comes from a report. */
export interface ReasonParts {
  /** In English, as `crash.reason`. */
  readonly sentence: string
  /** One of the list in the report's schema. */
  readonly code: string | undefined
}

export interface FootnoteParts {
  readonly version: string
  readonly crashId: string
  /** Whether a link is shown, by which the memory of the process can be read. */
  readonly hasLink: boolean
}

/** What is said of many crashes at once. */
export interface BatchLanguage {
  footnote(of: { readonly hasLinks: boolean }): string
  readonly noNamespace: string
  title(of: {
    readonly crashes: number
    readonly workloads: number
    readonly node: string | undefined
  }): string
  /** From when to when they were; both are the same of one moment. */
  times(of: { readonly first: string; readonly last: string }): string
  counts(causes: readonly Count[]): string
  /** `elsewhere` is how many crashes have other causes than these. */
  line(of: {
    readonly causes: readonly Count[]
    readonly elsewhere: number
    readonly where: string
    readonly cores: string
  }): string
  cause(of: { readonly signal: string; readonly site: string }): string
  workload(of: { readonly name: string; readonly kind: string; readonly pods: number }): string
  cores(of: { readonly kept: number; readonly incomplete: number; readonly lost: number }): string
  /** Workloads without a line of their own. */
  hidden(of: {
    readonly crashes: number
    readonly workloads: number
    readonly namespaces: readonly string[]
    readonly moreNamespaces: number
  }): string
}

/** How many crashes are of one kind. */
export interface Count {
  readonly crashes: number
  readonly cause: string
}
