-- What a provider tells of an instance in fields that the specification does not know. Sealed: nobody can say what it is.
alter table instances add column extensions bytea;
