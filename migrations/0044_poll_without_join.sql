-- What a poll needs of the instance, so that it reads the row of the operation alone. The plan is the one before the
-- operation. null: written by a release up to 0.2.0, also beside this one; a poll then looks it up at the instance.
alter table operations add offering_id uuid, add plan_id uuid;
