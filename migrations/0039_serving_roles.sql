-- The database roles that "kontor migrate --serving-role" has given the rights of a serving process. A later one gives
-- them those of its release, and touches no other role.
create table serving_roles (name text primary key);
