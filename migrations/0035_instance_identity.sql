-- A MAC of what never changes of an instance and decides where its orders go and whose it is: platform, provider,
-- organisation, offering, and the ids at the provider. null: a release up to 0.2 wrote it, or it was changed past Kontor.
alter table instances add column identity_mac bytea;
