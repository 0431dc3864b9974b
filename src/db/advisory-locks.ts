/**
 * The numbers of all advisory locks that Kontor takes in its database, kept together so that no two
 * purposes share a number and block each other.
 */
export const advisoryLocks = {
  // 5_127_001 belongs to the migrations of releases before 0.1, which hold a snapshot while they
  // wait for it.
  rings: 5_127_002,
  rotation: 5_127_003,
  migration: 5_127_004,
  publication: 5_127_005,
  quotas: 5_127_011,
  missingQuotas: 5_127_012,
  providerNames: 5_127_022,
  ledger: 5_127_023,
} as const
