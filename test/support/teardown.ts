/** The part of tap's test object that helpers need which start something. */
export interface Teardown {
  teardown(clean: () => unknown): void
}
