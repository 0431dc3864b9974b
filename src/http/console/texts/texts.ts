import { account } from './account.ts'
import { accessibility } from './accessibility.ts'
import { bindings } from './bindings.ts'
import { catalog } from './catalog.ts'
import { certificate } from './certificate.ts'
import { comparisons } from './comparisons.ts'
import { errors } from './errors.ts'
import { frame } from './frame.ts'
import { form } from './form.ts'
import { instances } from './instances.ts'
import { licences } from './licences.ts'
import { members } from './members.ts'
import { problems } from './problems/problems.ts'
import { orderProblems } from './order-problems.ts'
import { orderChanges } from './order-changes.ts'
import { orders } from './orders.ts'
import { registrations } from './registrations.ts'
import { signIn } from './sign-in.ts'
import { start } from './start.ts'
import { timeline } from './timeline.ts'
import { tokens } from './tokens.ts'
import type { Language } from '../../../types.gen.ts'

// One line for each file beside this one.
const sections = {
  frame,
  catalog,
  start,
  accessibility,
  licences,
  errors,
  form,
  signIn,
  account,
  instances,
  bindings,
  registrations,
  orders,
  orderProblems,
  orderChanges,
  timeline,
  certificate,
  members,
  tokens,
  comparisons,
  problems,
}

type Sections = typeof sections

/** All texts of the console in one language, by section and key. */
export type Texts = { readonly [Name in keyof Sections]: Sections[Name]['de'] }

const byLanguage: Record<Language, Texts> = { de: inLanguage('de'), en: inLanguage('en') }

export function textsOf(language: Language): Texts {
  return byLanguage[language]
}

function inLanguage(language: Language): Texts {
  const chosen = Object.entries(sections).map(([name, section]) => [name, section[language]])
  return Object.fromEntries(chosen) as Texts
}
