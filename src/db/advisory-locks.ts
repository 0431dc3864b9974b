/**
 * The numbers of all advisory locks that Kontor takes in its database. They stand in one place, so that no two purposes
 * share a number and wait for each other.
 */
export const advisoryLocks = {
  // 5_127_001 belongs to the migrations of releases before 0.1, which wait for it with a snapshot held.
  rings: 5_127_002,
  rotation: 5_127_003,
  migration: 5_127_004,
  publication: 5_127_005,
  quotas: 5_127_011,
} as const
