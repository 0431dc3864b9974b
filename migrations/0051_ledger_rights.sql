-- The trigger function runs with the rights of the owner of the tables. Without this, any role could
-- make it the trigger of a table of its own, and so append entries to the ledger.
revoke execute on function ledger_follow_instance() from public;
