/** What is known of a crash in the spool, in its folder there beside the parts of its core. */
export const SPOOL_RECORD = 'record.json'
