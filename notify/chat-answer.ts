export interface ChatAnswer {
  /** Of HTTP. It says little: Feishu, WeCom and DingTalk say failure with 200. */
  readonly status: number
  /** At most 64 KiB of it. */
  readonly body: string
}
