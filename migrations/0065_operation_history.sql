-- What held an operation up and is over: its row says only how it stands now. Null: nothing did, or
-- it was before this column.
alter table operations add column history jsonb;
