-- The columns that code spoke of in words of its own take the terms of the field. A process of 0.1 cannot work on them:
-- end all processes, migrate, start (docs/operations.md, "Upgrade from 0.1 to 0.2").
do $$
begin
  -- 20 seconds: as long as key rings take a process without a heartbeat for alive.
  if exists (select from vault_processes where seen_at > now() - interval '20 seconds') then
    raise exception 'processes of an earlier release still run on this database'
      using hint = 'End them, wait 20 seconds and start again: docs/operations.md, "Upgrade from 0.1 to 0.2".';
  end if;
end $$;

alter table operations rename column attempt to fencing_token;
alter table operations rename column tries to retries;
alter table operations rename column breaks to internal_errors;
alter table operations rename column quiet_until to in_doubt_until;

alter table orphans rename column attempt to fencing_token;
alter table orphans rename column tries to retries;
alter table orphans rename column quiet_until to in_doubt_until;
alter table orphans rename column next_try_at to next_retry_at;
alter table orphans drop constraint orphans_cause_check;
update orphans set cause = 'retained' where cause = 'held';
alter table orphans add constraint orphans_cause_check
  check (cause in ('doubtful_call', 'late_call', 'retained', 'abandoned'));

alter table reconciliation_runs rename column attempt to fencing_token;

alter table providers rename column mitigation_hold_hours to mitigation_retain_hours;
alter table providers rename constraint providers_mitigation_hold_hours_check to providers_mitigation_retain_hours_check;
alter table providers drop constraint providers_mitigation_check;
alter table providers drop constraint providers_hold_has_hours;
update providers set mitigation = 'retain' where mitigation = 'hold';
alter table providers add constraint providers_mitigation_check check (mitigation in ('automatic', 'retain', 'manual'));
alter table providers add constraint providers_retain_has_hours
  check ((mitigation = 'retain') = (mitigation_retain_hours is not null));

alter index instances_of_nobody rename to instances_without_organisation;
