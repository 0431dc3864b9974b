/** The numbers of all advisory locks that Kontor takes in its database: in one place, so that none is given twice. */
export const advisoryLocks = {
  // 5_127_001 is that of migrations of earlier releases, which wait for it with a snapshot held.
  rings: 5_127_002,
  rotation: 5_127_003,
  migration: 5_127_004,
} as const
