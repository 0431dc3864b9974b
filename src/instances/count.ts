// How many instances hinder the end of a provider, a platform or an organisation.
export {
  countInstancesOfOrganisation,
  countInstancesOfPlatform,
  countLiveInstances,
} from './store.ts'
