-- Since when Kontor deletes the stored credentials of a provider's bindings; null: no deletion is under way. A process of
-- 0.2.0 deletes them itself and leaves the column alone, so it counts only while store_binding_credentials is false.
alter table providers add column deleting_binding_credentials_since timestamptz;
