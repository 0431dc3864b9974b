-- What there was before the ledger. Orders go on meanwhile: since 0045_ledger each change has its entry, so the difference
-- between rows and entries is the same in every snapshot. Apart from the triggers, for it reads all instances.
insert into ledger_unposted (unit, cause, amount, holders, scopes)
select 'instance', 'opened', coalesce(counted.amount, 0) - coalesce(entered.amount, 0), holders, scopes
from (
  select array[coalesce(organisation_id, platform_id), '00000000-0000-0000-0000-000000000000'] as holders,
    array[plan_id, offering_id, provider_id, '00000000-0000-0000-0000-000000000000'] as scopes, count(*) as amount
  from instances where deleted_at is null and (state <> 'failed' or may_exist) group by 1, 2
) as counted
full join (
  select holders, scopes, sum(amount) as amount from ledger_unposted where unit = 'instance' group by 1, 2
) as entered using (holders, scopes)
where coalesce(counted.amount, 0) <> coalesce(entered.amount, 0);
