// For providers without a listing: fetches each instance and binding of Kontor's that the provider
// can return.
import { askForBinding, askForInstance } from './ask-for.ts'
import { eachOf } from './ask.ts'
import type { Surveying } from './deps.ts'
import { bindingsOf, instancesOf } from './held.ts'
import type { Survey } from './survey.ts'

export async function surveyByAsking(surveying: Surveying, survey: Survey): Promise<void> {
  const {
    deps: { db },
    providerId,
    width,
  } = surveying
  for await (const page of instancesOf(db, providerId)) {
    await eachOf(page, width, (each) => askForInstance(surveying, survey, each))
    for await (const bindings of bindingsOf(db, page))
      await eachOf(bindings, width, (each) => askForBinding(surveying, survey, each))
  }
}
